"""`state.js` against games made by `LiveGame`: whatever the wire loses, doubles or mixes up, never a wrong board."""

import random
from typing import Any

import msgspec
import pytest

from games import protocol
from games.game.changes import End, GameChange
from games.game.commands import Command
from games.game.judging import judge
from games.game.live import LiveGame
from games.game.people import Participant
from games.protocol.commands import AddTime, DeclineDraw, DeclineTakeback, OfferDraw, OfferTakeback
from tests.e2e.people import Person
from tests.support.live_games import ALICE, BOB, at, started_game, take_in
from tests.support.timed_games import timed_game

pytestmark = pytest.mark.needs("chromium", "playwright")

# Delivers events as `deliveries` says ([event, version of the server then]); whenever the page asks, it is answered
# with the snapshot of what the server has by then. Gives the first difference between page and server, or null.
DELIVER = """async ({ start, snapshots, deliveries }) => {
  const { reduce, startingState } = await import("/static/js/game/state.js");
  const { game, rematch } = start;
  const page = { game, rematch, you: 1, playedAt: [], moveMs: [], remainingMs: [], seenAt: [null, null] };
  let state = reduce(startingState(page), start);
  const truth = (version) => JSON.stringify(snapshots[version].game);
  const seen = (state) => JSON.stringify(state.game);
  for (const [event, version] of deliveries) {
    state = reduce(state, event);
    if (state.behind) state = reduce(state, snapshots[version]);
    if (state.behind) return `still behind after a snapshot of version ${version}`;
    if (seen(state) !== truth(state.game.version)) return `${seen(state)} is not ${truth(state.game.version)}`;
    if (state.times.length !== state.game.moves.length) return "times and moves differ in number";
  }
  return state.game.version === snapshots.length - 1 ? null : `ended at version ${state.game.version}`;
}"""


def _random_game(dice: random.Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A whole game: snapshots by version (the first stands in for version 0), and the event of each further version."""
    game = dice.choice([timed_game(), started_game(first_move=1), started_game(first_move=2)])
    snapshots = [msgspec.to_builtins(game.snapshot(1, at(0)))] * 2
    events = []
    while not game.is_finished:
        command, asker = _next(dice, game)
        try:
            change = judge(game, command, asker.player_id, at(20 + game.version))
        except protocol.GameError:  # too early for another offer
            continue
        if not isinstance(change, GameChange) or isinstance(
            change, End
        ):  # the offer stands already, or a draw is agreed
            continue
        event = take_in(game, change)
        events.append(msgspec.to_builtins(event))
        snapshots.append(msgspec.to_builtins(game.snapshot(1, at(20 + game.version))))
    return snapshots, events


def _next(dice: random.Random, game: LiveGame) -> tuple[Command, Participant]:
    """Mostly a move; sometimes an offer, an answer to one, or a takeback."""
    if dice.random() < 0.3:
        offers = [OfferDraw(), DeclineDraw(), OfferTakeback(), DeclineTakeback(), AddTime()]
        return dice.choice(offers), dice.choice([ALICE, BOB])
    move = protocol.PlayMove(
        column=dice.choice(game.position.legal_columns), ply=len(game.discs) + 1, version=game.version
    )
    return move, (ALICE, BOB)[(game.turn or 1) - 1]


def _mishandled(dice: random.Random, events: list[dict[str, Any]]) -> list[tuple[dict[str, Any], int]]:
    """The events as a bad wire brings them, each with the version that the server has by then; the last one comes."""
    deliveries = []
    for index, event in enumerate(events):
        known = index + 2
        fate = dice.random()
        if fate < 0.2 and index + 1 < len(events):
            continue
        deliveries.append((event, known))
        if fate > 0.8:
            deliveries.append((dice.choice(events[: index + 1]), known))
    return deliveries


def test_lost_doubled_and_late_events_never_make_a_wrong_board(alice: Person) -> None:
    alice.page.goto("/accounts/")
    dice = random.Random(4)
    for _ in range(60):
        snapshots, events = _random_game(dice)
        story = {"start": snapshots[1], "snapshots": snapshots, "deliveries": _mishandled(dice, events)}
        assert alice.page.evaluate(DELIVER, story) is None


BACK_OFF = """async () => {
  const { delayBeforeReconnecting: delay } = await import("/static/js/net/socket.js");
  const range = (code, failures) => [delay(code, failures, 0), delay(code, failures, 1)];
  return {
    breaks: [1, 2, 3, 4, 5, 6, 50].map((failures) => range(1006, failures)),
    final: [4400, 4401, 4403, 4404].map((code) => delay(code, 1)),
    limited: [4008, 1008].map((code) => delay(code, 1)),
    restarting: [4012, 1012].map((code) => range(code, 3)),
    unavailable: range(4013, 1),
    tooBig: range(4009, 1),
  };
}"""


def test_each_close_code_has_its_delay(alice: Person) -> None:
    alice.page.goto("/accounts/")
    delays = alice.page.evaluate(BACK_OFF)
    assert delays["breaks"] == [
        [150, 300], [300, 600], [600, 1200], [1250, 2500], [2500, 5000], [5000, 10000], [5000, 10000]
    ]  # fmt: skip
    assert delays["final"] == [None] * 4
    assert delays["limited"] == [60000, 60000]
    assert delays["restarting"] == [[0, 1000], [0, 1000]]
    assert delays["unavailable"] == delays["tooBig"] == delays["breaks"][0]


PATIENCE = """async () => {
  const { Patience, connectedWithin } = await import("/static/js/net/patience.js");
  const after = (tell) => { const patience = new Patience(); tell(patience); return patience.dueMs(false); };
  const times = (count, act) => { for (let n = 0; n < count; n += 1) act(); };
  return {
    connect: [0, 1, 2, 3, 50].map(connectedWithin),
    nothingKnown: after(() => {}),
    fast: after((p) => { p.connected(60); times(50, () => p.answered(20)); }),
    slowToConnect: after((p) => p.connected(3000)),
    steadyButSlow: after((p) => times(50, () => p.answered(1600))),
    hopeless: after((p) => times(50, () => p.answered(60000))),
    missed: [1, 2, 3].map((count) => after((p) => times(count, () => p.gaveUp()))),
    missedOnce: after((p) => { p.gaveUp(); p.answered(20); }),
    afterCommand: new Patience().dueMs(true),
  };
}"""


def test_the_time_out_of_a_ping_follows_the_network(alice: Person) -> None:
    alice.page.goto("/accounts/")
    due = alice.page.evaluate(PATIENCE)
    assert due["connect"] == [2500, 5000, 10000, 10000, 10000]
    assert due["nothingKnown"] == due["fast"] == due["missedOnce"] == 1500
    assert due["slowToConnect"] == 3000
    assert 1600 < due["steadyButSlow"] < 1700
    assert due["hopeless"] == 5000
    assert due["missed"] == [3000, 5000, 5000]
    assert due["afterCommand"] == 2500
