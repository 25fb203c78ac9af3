"""From when a side's time counts, and until when: what was told here, and when a command came."""

from datetime import timedelta

import pytest

from games.game.people import Timing
from games.game.restoring import restore
from games.protocol import PlayMove, Resign
from games.protocol.commands import AddTime, OfferDraw
from games.registry import receipts
from games.registry.live_entry import LiveEntry, Received
from games.rules.time_controls import Countdown
from tests.support.live_games import ALICE, BOB, at, perform
from tests.support.timed_games import begun_game, new_game

MOVE = PlayMove(column=0, ply=3)


@pytest.fixture
def entry() -> LiveEntry:
    """Of a game that was loaded: Alice is to move since 11 seconds after noon, told by another process."""
    entry = LiveEntry("A9F3QX")
    entry.game = restore(new_game(Countdown(60, 1)), begun_game().changes)
    return entry


def test_after_a_load_the_times_in_the_log_say_what_elapsed(entry: LiveEntry) -> None:
    assert entry.game is not None
    now = Received(at(15.5), 100.0)
    assert receipts.timing(entry, entry.game, now) == Timing()
    assert receipts.elapsed_ms(entry.turn, entry.game, now) == 4_500


def test_a_turn_that_was_told_here_is_measured_here_however_clocks_are_set(entry: LiveEntry) -> None:
    game = entry.game
    assert game is not None
    perform(game, PlayMove(column=0, ply=3, version=3), ALICE.player_id, at(12))
    receipts.note_turn(entry, 3, 100.0)
    for time in (at(12), at(-3600), at(3600)):
        assert receipts.timing(entry, game, Received(time, 102.3456)) == Timing(elapsed_ms=2_346)
    assert receipts.elapsed_ms(entry.turn, game, Received(at(0), 102.3456)) == 2_346
    assert receipts.timing(entry, game, Received(at(12), 99.0)) == Timing(elapsed_ms=0)


def test_what_begins_no_turn_gives_nobody_time(entry: LiveEntry) -> None:
    """Else a side would come back and offer a draw, and its clock would stand where it stood."""
    assert entry.game is not None
    for command, player in ((OfferDraw(), ALICE), (AddTime(), BOB)):
        perform(entry.game, command, player.player_id, at(20))
        receipts.note_turn(entry, entry.game.number - 1, 100.0)
    assert receipts.timing(entry, entry.game, Received(at(21), 101.0)) == Timing()
    assert receipts.elapsed_ms(entry.turn, entry.game, Received(at(21), 101.0)) == 10_000


def test_a_move_that_could_not_be_stored_counts_from_when_it_came_first(entry: LiveEntry) -> None:
    first, again = Received(at(15), 100.0), Received(at(18), 103.0)
    assert receipts.first_received(entry, 1, MOVE, first) == first
    receipts.note_failed(entry, 1, MOVE, first, 102.0)
    assert receipts.first_received(entry, 1, MOVE, again) == first
    for asker, command in ((2, MOVE), (1, PlayMove(column=1, ply=3)), (1, PlayMove(column=0, ply=5)), (1, Resign())):
        assert receipts.first_received(entry, asker, command, again) == again


def test_its_side_is_not_flagged_until_it_could_send_it_again(entry: LiveEntry) -> None:
    assert not receipts.is_held_back(entry, 100.0)
    receipts.note_failed(entry, 1, MOVE, Received(at(15), 100.0), 102.0)
    assert [receipts.is_held_back(entry, 102.0 + wait) for wait in (0, 2.9, 3.0)] == [True, True, False]
    entry.is_busy = True
    assert receipts.is_held_back(entry, 200.0)


def test_the_next_turn_forgets_it(entry: LiveEntry) -> None:
    assert entry.game is not None
    receipts.note_failed(entry, 1, MOVE, Received(at(15), 100.0), 102.0)
    perform(entry.game, PlayMove(column=0, ply=3, version=3), ALICE.player_id, at(12))
    receipts.note_turn(entry, 3, 103.0)
    assert receipts.first_received(entry, 1, MOVE, Received(at(19), 104.0)).at == at(15) + timedelta(seconds=4)


def test_other_commands_that_fail_are_not_kept(entry: LiveEntry) -> None:
    receipts.note_failed(entry, 1, Resign(), Received(at(15), 100.0), 102.0)
    assert entry.failed is None


def test_what_elapsed_after_a_process_was_lost_is_nobodys_time(entry: LiveEntry) -> None:
    """Alice could move since second 11; her process was last alive in second 13; much later this one loads the game."""
    assert entry.game is not None
    receipts.take_over(entry, at(13), 100.0)
    spent = [receipts.elapsed_ms(entry.turn, entry.game, Received(at(3600), 100.0 + after)) for after in (0, 5, 6.5)]
    assert spent == [2_000, 2_000, 3_500]
    receipts.take_over(entry, at(12), 103.0)  # loaded once more
    assert receipts.elapsed_ms(entry.turn, entry.game, Received(at(3600), 106.5)) == 3_500


def test_a_process_that_was_lost_before_the_turn_began_has_cost_nothing(entry: LiveEntry) -> None:
    assert entry.game is not None
    receipts.take_over(entry, at(5), 100.0)
    assert receipts.elapsed_ms(entry.turn, entry.game, Received(at(3600), 101.0)) == 0


def test_what_elapsed_since_a_neighbour_fell_silent_is_nobodys_time(entry: LiveEntry) -> None:
    """Alice could move since second 11; in second 16.5 her process is found lost, silent for 3.5 s."""
    assert entry.game is not None
    receipts.interrupt(entry, 3.5, Received(at(16.5), 100.0))
    spent = [receipts.elapsed_ms(entry.turn, entry.game, Received(at(3600), 100.0 + after)) for after in (0, 5, 6)]
    assert spent == [2_000, 2_000, 3_000]
    receipts.interrupt(entry, 3.5, Received(at(3600), 110.0))  # and so is the one that she came back to
    assert receipts.elapsed_ms(entry.turn, entry.game, Received(at(3600), 110.0)) == 3_500
