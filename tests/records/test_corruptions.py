"""`manage.py verify_games` finds each kind of corruption, written behind Django's back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from games.models import Game, Player
from tests.support.stored_games import (
    ALICE_WINS,
    LONG_AGO,
    store_finished,
    store_game,
)
from tests.support.verifying import verify

needs_loose_constraints = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL's constraints can't be switched off for one session"
)


@pytest.fixture
def corrupt(db: None) -> Callable[..., None]:
    """Runs a statement that the constraints would refuse."""

    def run(statement: str, *parameters: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            cursor.execute(statement, parameters)
            cursor.execute("PRAGMA ignore_check_constraints = OFF")

    return run


CORRUPTIONS = {
    "order": ("DELETE FROM games_change WHERE game_id = %s AND number = 4", "change 4 is missing"),
    "first ply": ("DELETE FROM games_change WHERE game_id = %s AND number = 2", "change 2 is missing"),
    "no such column": ('UPDATE games_change SET "column" = 7 WHERE game_id = %s AND number = 3', "ply 2 is illegal"),
    "after the end": (
        'UPDATE games_change SET "column" = 0 WHERE game_id = %s AND number = 7',
        "the moves end in nothing",
    ),
    "another winner": ("UPDATE games_game SET winner = 2 WHERE id = %s", "participant 1 made the four in a row"),
    "no winner": ("UPDATE games_game SET winner = NULL WHERE id = %s", "participant 1 made the four in a row"),
    "another reason": ("UPDATE games_game SET reason = 'resignation' WHERE id = %s", "the moves end in four_in_a_row"),
    "unknown reason": ("UPDATE games_game SET reason = 'luck' WHERE id = %s", "reason is 'luck'"),
    "first move": ("UPDATE games_game SET first_move = 2 WHERE id = %s", "participant 2 made the four in a row"),
    "first move of nobody": ("UPDATE games_game SET first_move = 3 WHERE id = %s", "the first move belongs to 3"),
    "unknown state": ("UPDATE games_game SET state = 'paused' WHERE id = %s", "the state is 'paused'"),
    "goes on after its end": ("UPDATE games_game SET state = 'in-progress' WHERE id = %s", "but it is not finished"),
    "waits after its end": ("UPDATE games_game SET state = 'waiting' WHERE id = %s", "the game waits, but has started"),
    "no start": ("UPDATE games_game SET start_time = NULL WHERE id = %s", "no start time"),
    "no end": ("UPDATE games_game SET end_time = NULL WHERE id = %s", "no end time"),
    "no opponent": ("UPDATE games_game SET participant2_id = NULL WHERE id = %s", "without a participant 2"),
    "against oneself": ("UPDATE games_game SET participant2_id = participant1_id WHERE id = %s", "held by one player"),
    "visibility": ("UPDATE games_game SET visibility = 'secret' WHERE id = %s", "visibility is 'secret'"),
    "start before creation": (
        "UPDATE games_game SET create_time = '2026-02-01 00:00:00' WHERE id = %s",
        "the time of creation lies after that of start",
    ),
    "moves out of time": (
        "UPDATE games_change SET at = '2026-01-04 00:00:00' WHERE game_id = %s AND number = 5",
        "the time of ply 3 lies after that of ply 4",
    ),
    "ends in the future": (
        "UPDATE games_game SET end_time = '9000-01-01 00:00:00' WHERE id = %s",
        "the time of end lies in the future",
    ),
    "ends after its last move": (
        "UPDATE games_game SET end_time = '2026-01-06 00:00:00' WHERE id = %s",
        "not at that move's time",
    ),
    "an offer by nobody": (
        "INSERT INTO games_change (game_id, number, kind, seat, at, body)"
        " VALUES (%s, 9, 'rematch_offer', 3, '2026-01-06 00:00:00', '')",
        "a rematch is offered by 3",
    ),
    "no log": ("DELETE FROM games_change WHERE game_id = %s", "but waiting by its log"),
    "half a log": ("DELETE FROM games_change WHERE game_id = %s AND number > 4", "but the moves end in nothing"),
    "another start": (
        "UPDATE games_change SET at = '2026-01-05 12:00:11' WHERE game_id = %s AND number = 1",
        "the game's start is not the one of its log",
    ),
    "somebody else's disc": (
        "UPDATE games_change SET seat = 2 WHERE game_id = %s AND number = 2",
        "ply 1 was played by participant 2",
    ),
    "a kind of nobody's": ("UPDATE games_change SET kind = 'luck' WHERE game_id = %s AND number = 8", "kind 'luck'"),
    "a body of nobody's": (
        "UPDATE games_change SET kind = 'end', body = '{\"winner\": \"me\"}' WHERE game_id = %s AND number = 8",
        "change 8 can't be read",
    ),
    "a rematch of nobody's": (
        "INSERT INTO games_change (game_id, number, kind, at, body)"
        " VALUES (%s, 9, 'rematch', '2026-01-06 00:00:00', '{\"game\":\"ZZZZZZ\"}')",
        "its rematch is None, but ZZZZZZ by its log",
    ),
    "follows itself": ("UPDATE games_game SET rematch_of_id = id WHERE id = %s", "the seats are not swapped"),
}


@needs_loose_constraints
@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_a_corruption_is_found(kind: str, won: Game, corrupt: Callable[..., None]) -> None:
    statement, fault = CORRUPTIONS[kind]
    store_game(won.participant1, won.participant2, "44")
    corrupt(statement, won.pk)
    output, status = verify()
    assert status == 1
    assert fault in output
    assert output.startswith(f"{won.pk}: ")
    assert output.endswith("2 games checked, 1 faulty.\n")


@needs_loose_constraints
def test_a_seventh_disc_in_a_column_is_found(alice: Player, bob: Player, corrupt: Callable[..., None]) -> None:
    game = store_game(alice, bob, "4444447")
    corrupt('UPDATE games_change SET "column" = 3 WHERE game_id = %s AND number = 8', game.pk)
    assert "ply 7 is illegal: column 3 is full" in verify()[0]


def test_moves_after_a_win_are_found(alice: Player, bob: Player) -> None:
    store_game(alice, bob, ALICE_WINS + "7")
    assert "ply 8 is illegal: the game is over" in verify()[0]


def test_a_win_that_was_not_recorded_is_found(alice: Player, bob: Player) -> None:
    store_game(alice, bob, ALICE_WINS)
    assert "the moves end the game, but it is not finished" in verify()[0]


def test_an_outcome_that_its_reason_cannot_give_is_found(alice: Player, bob: Player) -> None:
    store_finished(alice, bob, "44", "resignation", None)
    assert "the winner is None, which resignation can't give" in verify()[0]


def test_an_outcome_against_nobody_is_found(alice: Player) -> None:
    store_finished(alice, None, "", "resignation", 1, end_time=LONG_AGO)
    assert "nobody ever joined" in verify()[0]


def test_an_id_that_people_could_not_type_is_found(alice: Player) -> None:
    store_game(alice, None, id="abcdef")
    assert "abcdef: the ID is not canonical" in verify()[0]


def test_an_offer_in_an_unfinished_game_is_found(alice: Player, bob: Player) -> None:
    store_game(alice, bob, "4", rematch_offered_by=1)
    assert "a rematch is offered, but there was no finished game between two" in verify()[0]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"swap": False}, "the seats are not swapped"),
        ({"first_move": 2}, "first move or visibility differ"),
        ({"visibility": "private"}, "first move or visibility differ"),
        ({"series_number": 1}, "its place or its score in the series is not the next"),
        ({"series_number": 2, "half_points1": 2}, "its place or its score in the series is not the next"),
        ({"create_time": LONG_AGO, "start_time": LONG_AGO}, "began before that game's end"),
    ],
)
def test_a_rematch_that_does_not_follow_is_found(won: Game, fields: dict[str, object], fault: str) -> None:
    seats = [won.participant2, won.participant1] if fields.pop("swap", True) else [won.participant1, won.participant2]
    after = won.end_time + timedelta(seconds=3)
    store_game(*seats, "4", **{"create_time": after, "start_time": after, "rematch_of": won, **fields})
    assert fault in verify()[0]


def test_a_rematch_of_an_unfinished_game_is_found(alice: Player, bob: Player) -> None:
    previous = store_game(alice, bob, "4")
    after = LONG_AGO + timedelta(hours=1)
    store_game(bob, alice, "4", create_time=after, start_time=after, rematch_of=previous)
    assert "that game is not finished" in verify()[0]


@needs_loose_constraints
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM games_game WHERE id = %s", "there is a log, but no game"),
        ("UPDATE games_game SET participant1_id = 999999 WHERE id = %s", "participant 1 is not a known player"),
        ("UPDATE games_game SET participant2_id = 999999 WHERE id = %s", "participant 2 is not a known player"),
        ("UPDATE games_game SET rematch_of_id = 'ZZZZZZ' WHERE id = %s", "it follows ZZZZZZ, which does not exist"),
    ],
)
def test_a_dangling_row_is_found(statement: str, fault: str, won: Game) -> None:
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        cursor.execute(statement, [won.pk])
    output, status = verify()
    assert (status, output.splitlines()[0]) == (1, f"{won.pk}: {fault}")
