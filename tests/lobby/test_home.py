"""The lobby page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from games.models import Game, Move, Player
from lobby.models import User
from tests.support.site import at, running_game, waiting_game
from tests.support.stored_games import spoil

pytestmark = pytest.mark.django_db(transaction=True)
Texts = Callable[[Any], str]


def listed(response: Any, name: str) -> list[str]:
    """The IDs of a list of the page, in order."""
    games = response.context[name]
    return [game.id for game in games] if name != "mine" else [game.id for game, _ in games]


def test_an_empty_lobby_invites(client: Client, texts: Texts) -> None:
    page = texts(client.get("/"))
    assert "Nobody is waiting. Start a game and send a friend the link." in page
    assert "No game is on right now." in page


def test_who_waits_is_listed_newest_first(client: Client, alice: User, bob: User, texts: Texts) -> None:
    first, second = waiting_game(alice), waiting_game(bob)
    response = client.get("/")
    assert listed(response, "waiting") == [second.pk, first.pk]
    assert f'action="/join/{first.pk}/"' in texts(response), "one press"


def test_whoever_may_not_join_at_once_is_led_to_the_invite(alice: User, bob: User, settings: Any) -> None:
    unrated, rated = waiting_game(alice), waiting_game(alice, rated=True, rating1=1500, provisional1=False)

    def ways(user: User | None) -> tuple[bool, bool]:
        """Whether one press joins the unrated game, the rated one."""
        page = at(user).get("/").content.decode()
        for game in (unrated, rated):
            assert (f'action="/join/{game.pk}/"' in page) != (f'href="/join/{game.pk}/"' in page)
        return f'action="/join/{unrated.pk}/"' in page, f'action="/join/{rated.pk}/"' in page

    assert ways(bob) == (True, True)
    assert ways(None) == (True, False)
    settings.GUESTS = False
    assert ways(None) == (False, False)


def test_a_game_whose_rows_make_none_is_left_out(alice: User, bob: User, caplog: pytest.LogCaptureFixture) -> None:
    held, spoiled = running_game(alice, bob), running_game(alice, bob)
    spoil(spoiled)
    for _ in range(2):
        response = at(alice).get("/")
        assert (response.status_code, listed(response, "mine")) == (200, [held.pk])
        assert [game["id"] for game in at(None).get("/api/games/").json()["results"]] == [held.pk]
    said = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len([line for line in said if spoiled.pk in line and "verify_games" in line]) == len(said) == 1


def test_a_ghost_is_not_listed(client: Client, alice: User) -> None:
    waiting_game(alice)
    Player.objects.update(seen_at=timezone.now() - timedelta(seconds=31))
    assert listed(client.get("/"), "waiting") == []
    Player.objects.update(seen_at=timezone.now() - timedelta(seconds=25))
    assert len(listed(client.get("/"), "waiting")) == 1
    Player.objects.update(seen_at=None)
    assert listed(client.get("/"), "waiting") == []


def test_private_games_are_listed_to_their_participants_alone(alice: User, bob: User, charlie: User) -> None:
    waiting = waiting_game(alice, visibility="private")
    running = running_game(alice, bob, "44", visibility="private")
    assert sorted(listed(at(alice).get("/"), "mine")) == sorted([waiting.pk, running.pk])
    assert listed(at(bob).get("/"), "mine") == [running.pk]
    for client in (at(charlie), at(None)):
        response = client.get("/")
        assert waiting.pk.encode() not in response.content
        assert running.pk.encode() not in response.content


def test_my_games_come_first_those_with_my_move_before_the_others(alice: User, bob: User, texts: Texts) -> None:
    waits = waiting_game(alice)
    theirs = running_game(alice, bob, "4")
    my_move = running_game(alice, bob, "44")
    response = at(alice).get("/")
    assert listed(response, "mine") == [my_move.pk, theirs.pk, waits.pk]
    assert listed(response, "waiting") == listed(response, "playing") == []
    assert texts(response).count("data-my-move>Your move") == 1
    assert f'action="/games/{waits.pk}/cancel/"' in texts(response)


def test_games_to_watch_are_alive(client: Client, alice: User, bob: User) -> None:
    now = timezone.now()
    game = running_game(alice, bob, "44", start_time=now - timedelta(minutes=30))
    Move.objects.update(at=now - timedelta(minutes=11))
    assert listed(client.get("/"), "playing") == []
    Game.objects.update(attended_time=now - timedelta(seconds=10))
    assert listed(client.get("/"), "playing") == [game.pk]
    Game.objects.update(attended_time=now - timedelta(seconds=31))
    assert listed(client.get("/"), "playing") == []
    Move.objects.filter(number=3).update(at=now - timedelta(minutes=9))
    assert listed(client.get("/"), "playing") == [game.pk]


def test_finished_games_are_in_no_list(client: Client, alice: User, bob: User) -> None:
    running_game(alice, bob, state="finished", reason="resignation", winner=1, end_time=timezone.now())
    response = client.get("/")
    assert listed(response, "playing") == []
    assert listed(at(alice).get("/"), "mine") == []


def test_lists_are_bounded_and_say_how_many_more(client: Client, alice: User, bob: User, texts: Texts) -> None:
    for _ in range(103):
        waiting_game(alice)
    for _ in range(26):
        running_game(alice, bob)
    response = client.get("/")
    assert len(listed(response, "waiting")) == 100
    assert len(listed(response, "playing")) == 24
    assert "and 3 more" in texts(response)
    assert "and 2 more" in texts(response)


def test_queries_do_not_grow_with_the_lists(alice: User, bob: User, charlie: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            at_charlie.get("/")
        return len(captured)

    at_charlie = at(charlie)
    for _ in range(2):
        waiting_game(alice), running_game(alice, bob, "44"), running_game(bob, charlie, "4")
    few = queries()
    for _ in range(8):
        waiting_game(alice), running_game(alice, bob, "4444"), running_game(bob, charlie, "43")
    assert queries() == few <= 13


def test_join_in_the_address_is_an_invite_in_any_form(client: Client) -> None:
    for typed in ("A9F3QX", "a9f3qx", " a9f-3qx "):
        assert client.get("/", {"join": typed})["Location"] == "/join/A9F3QX/"


@pytest.mark.parametrize("typed", ["", "x", "A9F3QXXX9", "A9F3QU", "<script>", "é" * 70, "a\x00b"])
def test_join_in_the_address_that_is_no_id_is_told_kindly(client: Client, typed: str, texts: Texts) -> None:
    response = client.get("/", {"join": typed})
    assert response.status_code == 404
    assert "The link that you followed has no valid game ID." in texts(response)
    assert len(response.context["find_form"].errors["id"]) == 1
    assert "<script>alert" not in texts(response)


def test_a_name_is_escaped_wherever_it_is_shown(client: Client, alice: User, texts: Texts) -> None:
    Player.objects.filter(pk=alice.pk).update(name="<b>x</b>")
    waiting_game(alice)
    assert "<b>x</b>" not in texts(client.get("/"))


def test_the_page_is_for_looking(client: Client) -> None:
    assert client.post("/").status_code == 405


def test_a_game_whose_creator_is_about_shows_at_once_after_creating(alice: User, client: Client) -> None:
    at(alice).post("/games/new/", {"visibility": "public", "first_move": "1"})
    assert len(listed(client.get("/"), "waiting")) == 1


@pytest.mark.parametrize("typed", ["A9F3QX%0a", "%0aA9F3QX", "A9F3QX%0d%0a", "%e2%80%a8A9F3QX"])
def test_space_of_any_kind_around_an_invite_does_not_matter(client: Client, db: None, typed: str) -> None:
    answer = client.get(f"/?join={typed}")
    assert (answer.status_code, answer["Location"]) == (302, "/join/A9F3QX/")


@pytest.mark.parametrize(
    "typed", ["A9F3QX%00", "A9F%003QX", "A9F%0a3QX", "%00", "%0a", "%ff", "%ed%a0%80", "", "9" * 5000]
)
def test_an_invite_with_signs_that_nobody_types(client: Client, db: None, typed: str) -> None:
    answer = client.get(f"/?join={typed}")
    assert answer.status_code == 404
    assert "no valid game ID" in answer.content.decode()
