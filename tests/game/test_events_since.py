"""The events that lead from an earlier state to a later one: what a process that missed announcements makes up for."""

from copy import copy

import pytest

from games.game.commands import Abandon, Cancel, Command, Join
from games.game.live import LiveGame
from games.game.people import HOUSE, Asker
from games.game.restoring import events_since
from games.protocol import (
    DeclineRematch,
    Event,
    GameFinished,
    GameStarted,
    OfferRematch,
    PlayMove,
    RematchDeclined,
    RematchOffered,
    Resign,
)
from tests.support.live_games import ALICE, BOB, FLAT_WIN, at, perform, started_game, waiting_game


def copied(game: LiveGame) -> LiveGame:
    """The game as it is now, which later changes leave alone."""
    other = copy(game)
    other.columns, other.played_at = game.columns[:], game.played_at[:]
    return other


def told(game: LiveGame) -> tuple[list[LiveGame], list[Event]]:
    """Play a whole story from a waiting game on: the state before each event, and the events."""
    states, events = [], []
    story = [(Join(BOB), None)]
    story += [(PlayMove(column=int(d) - 1, ply=i), 2 - i % 2) for i, d in enumerate(FLAT_WIN, start=1)]
    story += [(OfferRematch(), 1), (DeclineRematch(), 1), (OfferRematch(), 2), (OfferRematch(), 1)]
    for command, player_id in story:
        states.append(copied(game))
        events.append(perform(game, command, player_id, at(20)))
    return [*states, copied(game)], events


def test_from_any_state_to_any_later_one_every_versioned_event_is_made_up_for() -> None:
    states, events = told(waiting_game())
    for i, known in enumerate(states):
        for j in range(i, len(states)):
            versioned = [event for event in events[i:j] if hasattr(event, "version")]
            made = [event for event in events_since(states[j], known) if hasattr(event, "version")]
            assert made == versioned, (i, j)


def test_each_single_event_is_made_up_for_as_it_was() -> None:
    states, events = told(waiting_game())
    for known, now, event in zip(states, states[1:], events, strict=False):
        assert events_since(now, known) == [event]


def test_nothing_happened() -> None:
    for game in (waiting_game(), started_game("4"), started_game(FLAT_WIN)):
        assert events_since(game, copied(game)) == []


@pytest.mark.parametrize(("asker", "command"), [(ALICE.player_id, Resign()), (HOUSE, Abandon(plies=2))])
def test_an_end_by_anything_but_a_move(asker: Asker, command: Command) -> None:
    known = started_game("4")
    game = started_game("44")
    end = perform(game, command, asker, at(20))
    assert events_since(game, known) == [game.move_played(2), end]


def test_a_cancelled_game_never_started() -> None:
    known, game = waiting_game(), waiting_game()
    perform(game, Cancel(), ALICE.player_id)
    assert [type(event) for event in events_since(game, known)] == [GameFinished]


def test_the_game_in_a_late_game_started_is_at_version_1() -> None:
    event = events_since(started_game("443"), waiting_game())[0]
    assert isinstance(event, GameStarted)
    assert (event.version, event.game.version, event.game.moves) == (1, 1, [])


def test_an_offer_that_changed_hands_is_told_as_it_stands() -> None:
    known, game = started_game(FLAT_WIN), started_game(FLAT_WIN)
    perform(known, OfferRematch(), ALICE.player_id)
    assert [type(event) for event in events_since(game, known)] == [RematchDeclined]
    perform(game, OfferRematch(), BOB.player_id)
    assert events_since(game, known) == [RematchOffered(participant=2)]
