"""The page of one game: the board as it stands, its moves, links, and nothing that alters history."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from games.models import Game, Player
from tests.support.stored_games import ALICE_WINS, FULL_BOARD, store_finished, store_game

Texts = Callable[[Any], str]


def page(game_id: str) -> str:
    return reverse("admin:games_game_change", args=[game_id])


@pytest.fixture
def won(alice: Player, bob: Player) -> Game:
    return store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)


def test_the_board_stands_as_it_was_left(admin: Client, won: Game) -> None:
    html = admin.get(page(won.pk)).content.decode()
    board = re.search(r'<svg class="board-small".*?</svg>', html, re.S)
    assert board
    assert len(re.findall(r'class="cell disc-1[^"]* won"', board[0])) == 4
    assert len(re.findall(r'class="cell disc-2', board[0])) == 3


def test_moves_are_listed_with_their_times(admin: Client, won: Game, texts: Texts) -> None:
    text = texts(admin.get(page(won.pk)))
    assert text.count("<tr data-ply=") == 7
    assert "2026-01-05 12:00:20" in text
    assert "10.0 s" in text


def test_the_script_gets_the_game(admin: Client, alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "443", first_move=2)
    match = re.search(r'data-steps="([^"]*)"', admin.get(page(game.pk)).content.decode())
    assert match
    steps = json.loads(match[1].replace("&quot;", '"'))
    assert (steps["moves"], steps["firstMove"], steps["outcome"]) == ([3, 3, 2], 2, None)


def test_it_links_to_the_replay_and_to_both_people(admin: Client, won: Game, texts: Texts) -> None:
    text = texts(admin.get(page(won.pk)))
    assert f'href="/games/{won.pk}/"' in text
    assert f'href="/games/{won.pk}/export/?format=text"' in text
    for seat in (won.participant1, won.participant2):
        assert f'href="{reverse("admin:games_player_change", args=[seat.pk])}"' in text


def test_it_links_rematches_both_ways(admin: Client, won: Game, texts: Texts) -> None:
    after = won.end_time + timedelta(seconds=3)
    rematch = store_game(won.participant2, won.participant1, create_time=after, start_time=after, rematch_of=won)
    assert page(won.pk) in texts(admin.get(page(rematch.pk)))
    assert page(rematch.pk) in texts(admin.get(page(won.pk)))


@pytest.mark.parametrize("form", ["a01qx9", "A01-QX9", "aoi qx9"])
def test_other_forms_of_the_id_are_redirected(form: str, admin: Client, alice: Player) -> None:
    store_game(alice, None, id="A01QX9")
    answer = admin.get(page(form))
    assert (answer.status_code, answer["Location"]) == (302, page("A01QX9"))


@pytest.mark.parametrize("form", ["ZZZZZZ", "nonsense", "a_00b", "1", "x" * 300])
def test_an_unknown_game_is_said(form: str, admin: Client) -> None:
    answer = admin.get(page(form), follow=True)
    assert answer.status_code == 200
    assert "doesn’t exist" in answer.content.decode()


def test_a_waiting_game_is_an_empty_board(admin: Client, alice: Player, texts: Texts) -> None:
    text = texts(admin.get(page(store_game(alice, None).pk)))
    assert "No move yet." in text
    assert "disc-1" not in text


def test_queries_do_not_grow_with_the_moves(admin: Client, alice: Player, bob: Player) -> None:
    def count(game: Game) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(page(game.pk)).status_code == 200
        return len(queries)

    of_few, of_many = (count(store_finished(alice, bob, moves, "resignation", 1)) for moves in ("4", FULL_BOARD[:-1]))
    assert of_few == of_many


def test_a_record_that_does_not_hold_is_shown_with_its_faults(
    admin: Client, alice: Player, bob: Player, texts: Texts
) -> None:
    broken = store_game(alice, bob, "44444441")
    text = texts(admin.get(page(broken.pk)))
    assert "The record of this game does not hold:" in text
    assert "ply 7 is illegal: column 3 is full" in text
    assert "board-small" not in text


def test_a_note_is_escaped(admin: Client, alice: Player, bob: Player) -> None:
    game = store_finished(alice, bob, "44", "adjudication", 1, note="<script>alert(1)</script>")
    html = admin.get(page(game.pk)).content.decode()
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html


# --- a strict content security policy ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["page", "list", "index", "end"])
def test_nothing_is_inline(name: str, admin: Client, won: Game) -> None:
    chosen = {"action": "adjudicate", "_selected_action": won.pk}
    answer = {
        "page": lambda: admin.get(page(won.pk)),
        "list": lambda: admin.get(reverse("admin:games_game_changelist")),
        "index": lambda: admin.get(reverse("admin:index")),
        "end": lambda: admin.post(reverse("admin:games_game_changelist"), chosen),
    }[name]()
    html = answer.content.decode()
    assert answer.status_code == 200
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)


# --- history can't be altered -----------------------------------------------------------------------------------


def test_nothing_can_be_written_into_a_game(admin: Client, won: Game) -> None:
    before = Game.objects.values().get(pk=won.pk)
    answer = admin.post(page(won.pk), {"winner": 2, "state": "waiting", "note": "x", "_save": "Save"})
    assert answer.status_code == 403
    assert Game.objects.values().get(pk=won.pk) == before


def test_the_page_has_no_field_and_no_save(admin: Client, won: Game) -> None:
    html = admin.get(page(won.pk)).content.decode()
    assert "_save" not in html
    assert not re.search(r'<(?:input|select|textarea)(?![^>]*type="(?:hidden|submit)")', html)


@pytest.mark.parametrize("model", ["move", "player"])
def test_moves_and_players_cannot_be_altered_either(model: str, admin: Client, won: Game) -> None:
    pk = won.changes.get(number=2).pk if model == "move" else won.participant1.pk
    assert admin.get(reverse(f"admin:games_{model}_add")).status_code == 403
    assert admin.post(reverse(f"admin:games_{model}_change", args=[pk]), {"name": "x"}).status_code == 403
    assert admin.post(reverse(f"admin:games_{model}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    assert admin.get(reverse(f"admin:games_{model}_change", args=[pk])).status_code == 200


def test_ways_to_end_it_are_offered_while_it_goes_on(
    admin: Client, viewer: Client, won: Game, alice: Player, bob: Player, texts: Texts
) -> None:
    running, waiting = store_game(alice, bob, "4"), store_game(alice, None)
    assert "End by adjudication…" in texts(admin.get(page(running.pk)))
    assert "End by adjudication…" not in texts(admin.get(page(waiting.pk)))
    assert "Abort…" in texts(admin.get(page(waiting.pk)))
    assert "Abort…" not in texts(admin.get(page(won.pk)))
    assert "Abort…" not in texts(viewer.get(page(running.pk)))
