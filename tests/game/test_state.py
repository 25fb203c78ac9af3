"""What a live game says of itself, what it is rebuilt from, and what it takes in from other processes."""

from itertools import count

import msgspec
import pytest
from msgspec.structs import replace

from games import protocol
from games.game.changes import Drop, End, GameChange, Start, as_message, of_message
from games.game.commands import Join
from games.game.live import LiveGame
from games.game.new_game import NewGame
from games.game.people import Participant
from games.game.restoring import hear, restore
from games.protocol import DeclineRematch, OfferRematch, Outcome, PlayMove, Reason, Resign, State, Visibility
from games.rules.board import ColumnFull, GameOver
from tests.support.live_games import ALICE, BOB, CHARLIE, FLAT_WIN, NOON, at, perform, started_game, waiting_game


def player(name: str) -> dict[str, object]:
    unknown = {"computer": None, "guest": False, "bot": False, "rating": None, "provisional": False}
    return {"name": name, **unknown, "ratingChange": None}


def test_the_game_as_json_is_the_contracts_example() -> None:
    assert msgspec.to_builtins(started_game("443").as_json_object()) == {
        "id": "A9F3QX", "state": "in-progress", "version": 4, "participant1": "alice", "participant2": "bob",
        "firstMove": 1, "moves": [3, 3, 2], "notation": "443", "turn": 2, "legalColumns": [0, 1, 2, 3, 4, 5, 6],
        "outcome": None, "visibility": "public", "createTime": "2026-11-20T12:00:00.000Z",
        "startTime": "2026-11-20T12:00:09.000Z", "endTime": None,
        "timeControl": None, "speed": "untimed", "rated": False, "openingPlies": 0, "takebacks": True,
        "players": [player("alice"), player("bob")], "clock": None,
        "offers": {"draw": None, "takeback": None}, "invited": None,
        "series": {"id": "A9F3QX", "number": 1, "score": (0.0, 0.0)},
    }  # fmt: skip


def test_a_waiting_game_has_no_turn_no_start_and_no_legal_columns() -> None:
    game = waiting_game().as_json_object()
    assert (game.state, game.version, game.participant2, game.start_time) == (State.WAITING, 0, None, None)
    assert (game.turn, game.legal_columns, game.outcome) == (None, [], None)


def test_a_finished_game_says_how_it_ended() -> None:
    game = started_game(FLAT_WIN).as_json_object()
    assert (game.turn, game.legal_columns, game.end_time) == (None, [], "2026-11-20T12:00:17.000Z")
    assert game.outcome == Outcome(1, Reason.FOUR_IN_A_ROW, ((0, 0), (1, 0), (2, 0), (3, 0)))


def test_later_moves_do_not_reach_into_an_object_made_before() -> None:
    game = started_game("44")
    before = game.as_json_object()
    perform(game, PlayMove(column=0, ply=3), ALICE.player_id)
    assert before.moves == [3, 3]


@pytest.mark.parametrize(("player_id", "you"), [(1, 1), (2, 2), (3, None), (None, None)])
def test_a_snapshot_says_who_you_are(player_id: int | None, you: int | None) -> None:
    snapshot = started_game("4").snapshot(player_id, at(60))
    assert (snapshot.you, snapshot.server_time) == (you, "2026-11-20T12:01:00.000Z")
    assert snapshot.rematch == protocol.Rematch()


def test_a_free_seat_is_nobodys() -> None:
    game = waiting_game()
    assert [game.seat_of(player.player_id) for player in (ALICE, BOB, CHARLIE)] == [1, None, None]
    assert game.seat_of(None) is None


def restored(columns: list[int], end: Outcome | None = None) -> LiveGame:
    game_id, numbers = "A9F3QX", count(1)
    log: list[GameChange] = [Start(game_id=game_id, number=next(numbers), at=at(9), seat=2, participant=BOB)]
    log += [Drop(game_id=game_id, number=next(numbers), at=at(10), column=column) for column in columns]
    if end is not None:
        log.append(End(game_id=game_id, number=next(numbers), at=at(99), winner=end.winner, reason=end.reason))
    return restore(NewGame(game_id, ALICE, 1, Visibility.PUBLIC, NOON), log)


def test_a_log_that_makes_no_legal_game_is_refused() -> None:
    with pytest.raises(ColumnFull):
        restored([3] * 7)
    with pytest.raises(GameOver):
        restored([0, 0, 1, 1, 2, 2, 3, 3])
    with pytest.raises(ValueError, match="an end after the end"):
        restored([0, 0, 1, 1, 2, 2, 3], Outcome(2, Reason.RESIGNATION))
    log = restored([3, 3]).changes
    with pytest.raises(ValueError, match="change 2 is missing: change 3 follows"):
        restore(NewGame("A9F3QX", ALICE, 1, Visibility.PUBLIC, NOON), [log[0], log[2]])
    with pytest.raises(ValueError, match="a move before the start"):
        restore(NewGame("A9F3QX", ALICE, 1, Visibility.PUBLIC, NOON), [replace(log[1], number=1)])


def test_the_line_of_a_disc_that_won_is_found_again() -> None:
    game = restored([0, 0, 1, 1, 2, 2, 3])
    assert game.outcome == Outcome(1, Reason.FOUR_IN_A_ROW, ((0, 0), (1, 0), (2, 0), (3, 0)))
    assert restored([0], Outcome(2, Reason.RESIGNATION)).outcome == Outcome(2, Reason.RESIGNATION)


# --- changes of other processes ---------------------------------------------------------------------------------


def test_the_next_change_of_another_process_is_taken_in() -> None:
    here, there = started_game(FLAT_WIN[:-1]), started_game(FLAT_WIN[:-1])
    for command, player in (
        (PlayMove(column=3, ply=7), ALICE), (OfferRematch(), BOB), (DeclineRematch(), ALICE), (OfferRematch(), ALICE),
        (OfferRematch(), BOB),
    ):  # fmt: skip
        perform(there, command, player.player_id, at(17))
        assert hear(here, of_message(as_message(there.changes[-1])))
        assert here.as_json_object() == there.as_json_object()
        assert (here.rematch, here.number) == (there.rematch, there.number)


def test_a_change_that_leaves_a_gap_comes_twice_or_comes_too_late_is_not() -> None:
    game, ahead = started_game("44"), started_game("4433").changes
    assert not hear(game, ahead[4])
    assert not hear(game, ahead[2])
    assert hear(game, ahead[3])
    assert not hear(game, ahead[3])
    perform(game, Resign(), BOB.player_id)
    assert not hear(game, ahead[4])
    assert game.columns == [3, 3, 2]


def test_a_change_that_cannot_be_is_not_taken_in() -> None:
    game = started_game("444444")
    wrong = replace(started_game("4444443").changes[-1], column=3)
    assert not hear(game, wrong)
    assert (game.columns, game.number) == ([3] * 6, 7)


def test_names_that_people_have_meanwhile_are_taken_over() -> None:
    game = started_game("4")
    assert not game.rename({CHARLIE.player_id: CHARLIE._replace(name="carl")})
    assert game.rename({BOB.player_id: BOB._replace(name="[deleted]")})
    assert (game.as_json_object().participant1, game.as_json_object().participant2) == ("alice", "[deleted]")


def test_what_participants_are_stands_beside_their_names() -> None:
    game = waiting_game()
    perform(game, Join(BOB._replace(name="guest-A9F3QX", guest=True)), BOB.player_id, at(9))
    alice, guest = msgspec.to_builtins(game.as_json_object())["players"]
    assert (alice, guest) == (player("alice"), player("guest-A9F3QX") | {"guest": True})
    assert game.rename({BOB.player_id: BOB, ALICE.player_id: Participant(1, "alice", bot=True)})
    alice, guest = msgspec.to_builtins(game.as_json_object())["players"]
    assert (alice, guest) == (player("alice") | {"bot": True}, player("bob"))
    assert game.rename({BOB.player_id: Participant(2, "Ada", computer=3)})
    assert msgspec.to_builtins(game.as_json_object())["players"][1] == player("Ada") | {"computer": 3}
