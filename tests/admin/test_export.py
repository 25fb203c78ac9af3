"""Exports of chosen games: JSON for programs, CSV that no spreadsheet computes with."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from games.admin import exports
from games.models import Game, Player
from tests.support.stored_games import ALICE_WINS, player, store_finished, store_game

LIST = reverse("admin:games_game_changelist")
Said = Callable[[Any], list[str]]


def export(client: Client, kind: str, *games: Game, **fields: str) -> Any:
    return client.post(LIST, {"action": f"export_{kind}", "_selected_action": [game.pk for game in games], **fields})


def rows(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_json_has_each_game_as_the_contract_writes_it(admin: Client, alice: Player, bob: Player) -> None:
    won = store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)
    running = store_game(alice, bob, "44")
    answer = export(admin, "json", won, running)
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == 'attachment; filename="fourline-2-games.json"'
    games = {game["id"]: game for game in json.loads(answer.content)}
    assert games[won.pk]["outcome"] == {
        "winner": 1, "reason": "four_in_a_row", "line": [[0, 0], [0, 1], [0, 2], [0, 3]],
    }  # fmt: skip
    assert games[running.pk]["moves"] == [3, 3]
    assert games[running.pk]["playedAt"] == ["2026-01-05T12:00:20.000Z", "2026-01-05T12:00:30.000Z"]


def test_csv_has_a_line_for_each_game(admin: Client, alice: Player, bob: Player) -> None:
    won = store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1, id="AAAAAA")
    waiting = store_game(alice, None, id="BBBBBB")
    answer = export(admin, "csv", won, waiting)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    first, second = sorted(rows(answer), key=lambda row: row["id"])
    assert first == {
        "id": "AAAAAA", "state": "finished", "version": "8", "participant1": "alice", "participant2": "bob",
        "firstMove": "1", "plies": "7", "notation": ALICE_WINS, "winner": "1", "reason": "four_in_a_row",
        "visibility": "public", "createTime": "2026-01-05T12:00:00.000Z", "startTime": "2026-01-05T12:00:10.000Z",
        "endTime": "2026-01-05T12:01:20.000Z", "note": "",
    }  # fmt: skip
    assert (second["state"], second["participant2"], second["winner"], second["plies"]) == ("waiting", "", "", "0")


@pytest.mark.parametrize(
    "note", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://example.org")', "=cmd|' /C calc'!A0"]
)
def test_no_spreadsheet_computes_a_note(note: str, admin: Client, alice: Player, bob: Player) -> None:
    game = store_finished(alice, bob, "44", "adjudication", 1, note=note)
    (row,) = rows(export(admin, "csv", game))
    assert row["note"] == f"'{note}"


def test_no_spreadsheet_computes_a_name(admin: Client, bob: Player) -> None:
    (row,) = rows(export(admin, "csv", store_game(player("-2-3-SUM"), bob, "44")))
    assert row["participant1"] == "'-2-3-SUM"


@pytest.mark.parametrize("text", ["012345", "12E345", "MARCH1", "5DEC12", "1" * 16, "1E5"])
def test_no_spreadsheet_takes_a_text_for_a_number_or_a_date(text: str) -> None:
    assert exports._guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["A9F3QX", "44353", "bob", "", "2026-01-05T12:00:00.000Z", "12E34X", "a=b", 7, None])
def test_other_texts_stay_as_they_are(text: object) -> None:
    assert exports._guarded(text) == text


def test_commas_quotes_and_lines_stay_in_their_cell(admin: Client, alice: Player, bob: Player) -> None:
    note = 'He said "no",\nthen left'
    (row,) = rows(export(admin, "csv", store_finished(alice, bob, "44", "aborted", None, note=note)))
    assert row["note"] == note


def test_queries_do_not_grow_with_the_games(admin: Client, alice: Player, bob: Player) -> None:
    def count(*games: Game) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert export(admin, "json", *games).status_code == 200
        return len(queries)

    games = [store_game(alice, bob, "44") for _ in range(20)]
    assert count(*games) == count(games[0])


def test_a_viewer_may_export(viewer: Client, alice: Player) -> None:
    assert len(rows(export(viewer, "csv", store_game(alice, None)))) == 1


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_a_record_that_does_not_hold_is_left_out_and_said(
    kind: str, admin: Client, alice: Player, bob: Player, said: Said
) -> None:
    broken, sound = store_game(alice, bob, "44444441"), store_game(alice, bob, "44")
    answer = export(admin, kind, broken, sound)
    assert sound.pk in answer.content.decode()
    assert broken.pk not in answer.content.decode()
    assert said(admin.get(LIST)) == [
        f"Left out: {broken.pk}. Their records do not hold; see manage.py verify_games."
    ]  # fmt: skip


def test_nothing_readable_is_no_file(admin: Client, alice: Player, bob: Player) -> None:
    answer = export(admin, "json", store_game(alice, bob, "44444441"))
    assert (answer.status_code, answer["Location"]) == (302, LIST)


def test_nothing_chosen_is_said(admin: Client, alice: Player, said: Said) -> None:
    store_game(alice, None)
    answer = admin.post(LIST, {"action": "export_json", "index": "0"}, follow=True)
    assert "Items must be selected" in said(answer)[0]


def test_too_many_are_refused(admin: Client, alice: Player, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST", 2)
    games = [store_game(alice, None) for _ in range(3)]
    admin.post(LIST, {"action": "export_csv", "_selected_action": [game.pk for game in games]})
    assert said(admin.get(LIST)) == ["At most 2 games in one file: choose fewer."]
