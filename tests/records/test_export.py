"""`/games/ID/export/`: the game as a file."""

import pytest
from django.test import Client

from tests.support.stored_games import ALICE_WINS, player, store_finished, store_game, store_timed_game

pytestmark = pytest.mark.django_db

TEXT = """\
Game:          AB01CD
Participant 1: alice
Participant 2: bob
First move:    participant 1
Time control:  No clock
State:         finished
Outcome:       participant 1 won, four in a row
Series:        game 1 of AB01CD, 1 to 0
Created:       2026-01-05T12:00:00.000Z
Started:       2026-01-05T12:00:10.000Z
Ended:         2026-01-05T12:01:20.000Z
Notation:      1213141

 1. alice                1  2026-01-05T12:00:20.000Z
 2. bob                  2  2026-01-05T12:00:30.000Z
 3. alice                1  2026-01-05T12:00:40.000Z
 4. bob                  3  2026-01-05T12:00:50.000Z
 5. alice                1  2026-01-05T12:01:00.000Z
 6. bob                  4  2026-01-05T12:01:10.000Z
 7. alice                1  2026-01-05T12:01:20.000Z

. . . . . . .
. . . . . . .
X . . . . . .
X . . . . . .
X . . . . . .
X O O O . . .
1 2 3 4 5 6 7
"""


def test_as_text(client: Client) -> None:
    store_finished(player("alice"), player("bob"), ALICE_WINS, "four_in_a_row", 1, id="AB01CD")
    answer = client.get("/games/AB01CD/export/?format=text")
    assert answer.content.decode() == TEXT
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="fourline-AB01CD.txt"'


@pytest.mark.parametrize("query", ["?format=json", ""])
def test_as_json_it_is_the_game_of_the_contract_with_the_times_of_its_moves(client: Client, query: str) -> None:
    store_finished(player("alice"), player("bob"), ALICE_WINS, "four_in_a_row", 1, id="AB01CD")
    answer = client.get(f"/games/AB01CD/export/{query}")
    assert answer["Content-Disposition"] == 'attachment; filename="fourline-AB01CD.json"'
    game = answer.json()
    assert game["outcome"] == {"winner": 1, "reason": "four_in_a_row", "line": [[0, 0], [0, 1], [0, 2], [0, 3]]}
    assert len(game.pop("playedAt")) == 7
    assert set(game) == {
        "id", "state", "version", "participant1", "participant2", "firstMove", "moves", "notation", "turn",
        "legalColumns", "outcome", "visibility", "createTime", "startTime", "endTime", "timeControl", "speed",
        "rated", "openingPlies", "takebacks", "players", "clock", "offers", "series", "invited", "moveMs",
        "remainingMs", "acts",
    }  # fmt: skip


def test_a_game_that_waits_can_be_exported_too(client: Client) -> None:
    store_game(player("alice"), None, id="AB01CD", first_move=2)
    text = client.get("/games/AB01CD/export/?format=text").content.decode()
    assert "Participant 2: nobody\n" in text
    assert "Outcome:       -\n" in text


def test_a_draw_has_no_winner(client: Client) -> None:
    store_finished(player("alice"), player("bob"), "44", "agreement", None, id="AB01CD")
    assert "Outcome:       no winner, agreement\n" in client.get("/games/AB01CD/export/?format=text").content.decode()


def test_whoever_moves_first_has_the_first_mark(client: Client) -> None:
    store_game(player("alice"), player("bob"), "4", first_move=2, id="AB01CD")
    text = client.get("/games/AB01CD/export/?format=text").content.decode()
    assert " 1. bob " in text
    assert ". . . X . . ." in text


def test_an_unknown_format_or_game_is_not_found(client: Client) -> None:
    store_game(player("alice"), None, id="AB01CD")
    assert client.get("/games/AB01CD/export/?format=pdf").status_code == 404
    assert client.get("/games/ZZZZZZ/export/").status_code == 404


def test_any_spelling_of_the_id_is_redirected_with_its_query(client: Client) -> None:
    store_game(player("alice"), None, id="AB01CD")
    assert client.get("/games/ab-o1cd/export/?format=text")["Location"] == "/games/AB01CD/export/?format=text"


def test_times_of_moves_and_what_was_left_are_in_both(client: Client) -> None:
    store_timed_game(player("alice"), player("bob"), [56_200, 60_000], id="AB01CD")
    text = client.get("/games/AB01CD/export/?format=text").content.decode()
    assert "Time control:  Blitz · 1 min + 1 s\n" in text
    assert " 2. bob                  4  2026-01-05T12:00:12.000Z  took 0:00.000, left 1:00.000\n" in text
    assert " 3. alice                4  2026-01-05T12:00:13.000Z  took 0:04.800, left 0:56.200\n" in text
    game = client.get("/games/AB01CD/export/").json()
    assert game["moveMs"] == [0, 0, 4800]
    assert game["remainingMs"][2] == [56200, 60000]
