"""The events that lead from an earlier state to a later one: what a process that missed announcements makes up for."""

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
    Resign,
)
from tests.support.live_games import ALICE, BOB, FLAT_WIN, at, perform, started_game, waiting_game


def told(game: LiveGame) -> list[Event]:
    """Play a whole story from a waiting game on; the events, one for each change."""
    events = []
    story = [(Join(BOB), None)]
    story += [(PlayMove(column=int(d) - 1, ply=i), 2 - i % 2) for i, d in enumerate(FLAT_WIN, start=1)]
    story += [(OfferRematch(), 1), (DeclineRematch(), 1), (OfferRematch(), 2), (OfferRematch(), 1)]
    for command, player_id in story:
        events.append(perform(game, command, player_id, at(20)))
        assert game.number == len(events)
    return events


def test_from_any_state_every_event_is_made_up_for_as_it_was() -> None:
    game = waiting_game()
    events = told(game)
    for number in range(len(events) + 1):
        assert events_since(game, number) == events[number:]


def test_nothing_happened() -> None:
    for game in (waiting_game(), started_game("4"), started_game(FLAT_WIN)):
        assert events_since(game, game.number) == []


@pytest.mark.parametrize(("asker", "command"), [(ALICE.player_id, Resign()), (HOUSE, Abandon(plies=2))])
def test_an_end_by_anything_but_a_move(asker: Asker, command: Command) -> None:
    game = started_game("44")
    end = perform(game, command, asker, at(20))
    assert events_since(game, 2) == [game.move_played(2), end]


def test_a_cancelled_game_never_started() -> None:
    game = waiting_game()
    perform(game, Cancel(), ALICE.player_id)
    assert [type(event) for event in events_since(game, 0)] == [GameFinished]


def test_the_game_in_a_late_game_started_is_at_version_1() -> None:
    event = events_since(started_game("443"), 0)[0]
    assert isinstance(event, GameStarted)
    assert (event.version, event.game.version, event.game.moves) == (1, 1, [])
