"""Random commands in random order by two players and a spectator: all agree in the end, and the store replays to it."""

import asyncio
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from games.models import Game
from games.protocol import InvalidMessage, parse_game_command, parse_lobby_command
from games.storage import loading
from tests.support.people import Person
from tests.support.servers import ServerProcess
from tests.support.soak import IS_WHOLE
from tests.support.stored_games import store_game
from tests.support.stories import in_store, story
from tests.support.wire import Client

EXAMPLES = 200 if IS_WHOLE else 20

# --- the parser -------------------------------------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
COMMANDS = ["play_move", "resign", "offer_rematch", "decline_rematch", "sync", "ping"]
objects = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(COMMANDS) | json_values,
        "column": st.integers(-2, 8) | json_values,
        "ply": st.integers(-2, 50) | json_values,
        "version": st.integers(-2, 50) | json_values,
        "id": st.text(max_size=70) | st.integers() | json_values,
        "extra": json_values,
    },
)


@settings(max_examples=EXAMPLES * 50, deadline=None)
@given(st.text() | objects.map(json.dumps))
def test_the_parser_reads_or_refuses(text: str) -> None:
    for parse in (parse_game_command, parse_lobby_command):
        try:
            command = parse(text)
        except InvalidMessage as refusal:
            assert refusal.message
            assert refusal.command_id is None or isinstance(refusal.command_id, str | int)
        else:
            read = json.loads(text)
            assert command.__struct_config__.tag == read["type"]
            for name in set(read) - {"type"}:
                assert getattr(command, name) == read[name]
                assert type(read[name]) in (int, str)


# --- a live socket ----------------------------------------------------------------------------------------------

steps = st.tuples(
    st.integers(0, 2),  # who
    st.one_of(
        st.tuples(st.just("next_move"), st.integers(0, 6)),
        st.tuples(st.just("next_move"), st.integers(0, 6)),
        st.tuples(st.just("next_move"), st.integers(0, 6)),
        st.tuples(st.just("old_move"), st.integers(-1, 7)),
        st.tuples(st.sampled_from(["resign", "offer_rematch", "decline_rematch", "rubbish", "again"]), st.just(0)),
        st.tuples(st.sampled_from(["ping", "sync"]), st.just(0)),
    ),
)
# Half of the games are cut short by a resignation early on; the other half are played out without one.
stories = st.lists(steps, min_size=5, max_size=40) | st.lists(
    st.tuples(st.integers(0, 1), st.tuples(st.just("next_move"), st.integers(0, 6))), min_size=30, max_size=80
)


class Observer:
    """One client as the protocol wants it: applies events in order, asks for a snapshot on a gap."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.game: dict[str, Any] = {}
        self.last: dict[str, Any] = {"type": "sync"}

    async def say(self, step: tuple[str, int]) -> None:
        kind, number = step
        command = {
            "next_move": {"type": "play_move", "column": number, "ply": len(self.game["moves"]) + 1},
            "old_move": {"type": "play_move", "column": number, "ply": number},
            "rubbish": {"type": "play_move", "column": None},
            "again": self.last,
        }.get(kind, {"type": kind})
        self.last = command
        await self.client.say_raw(json.dumps(command))
        await self.catch_up()

    async def catch_up(self) -> None:
        """Hear everything up to the answer to a ping of ours."""
        await self.client.say("ping", id="until here")
        while True:
            event = await self.client.hear()
            if event["type"] == "pong" and event.get("id") == "until here":
                return
            await self.take(event)

    async def take(self, event: dict[str, Any]) -> None:
        if event["type"] == "snapshot":
            if not self.game or event["game"]["version"] >= self.game["version"]:
                self.game = event["game"]
        elif event.get("version", 0) == self.game["version"] + 1:
            self.game |= {name: event[name] for name in ("version", "turn", "legalColumns", "outcome") if name in event}
            if event["type"] == "move_played":
                self.game["moves"] = [*self.game["moves"], event["column"]]
        elif event.get("version", 0) > self.game["version"] + 1:
            await self.client.say("sync")

    def story(self) -> tuple[Any, ...]:
        return self.game["version"], self.game["moves"], self.game["outcome"]


def test_whatever_they_do_all_agree_in_the_end(
    uvicorn_server: ServerProcess, alice: Person, bob: Person, mallory: Person
) -> None:
    ended = []

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(stories)
    def run(done: list[tuple[int, tuple[str, int]]]) -> None:
        game = store_game(alice.player, bob.player)
        play(uvicorn_server, game, (alice, bob, mallory), done)
        stored = loading.load(game.pk)
        assert stored is not None
        ended.append(stored.outcome is not None)

    run()
    assert any(ended)


@story
async def play(server: ServerProcess, game: Game, people: tuple[Person, ...], done: list[Any]) -> None:
    async with (
        people[0].at(server, game) as one,
        people[1].at(server, game) as two,
        people[2].at(server, game) as three,
    ):
        observers = [Observer(client) for client in (one, two, three)]
        for observer in observers:
            await observer.take(await observer.client.hear("snapshot"))
        for who, step in done:
            await observers[who].say(step)
        # Whoever is behind now hears of it within this ping: its answer comes after what was announced before.
        async with asyncio.timeout(10):
            while len({json.dumps(observer.story()) for observer in observers}) > 1:
                for observer in observers:
                    await observer.catch_up()
    stored = await in_store(loading.load)(game.pk)  # replays the moves, and raises where they are no legal game
    assert stored is not None
    told = json.loads(json.dumps(observers[0].story()))
    assert told[:2] == [stored.version, stored.columns]
    assert (told[2] is None) == (stored.outcome is None)
    if stored.outcome is not None:
        assert (told[2]["winner"], told[2]["reason"]) == (stored.outcome.winner, stored.outcome.reason)
        assert stored.position.is_over == (stored.outcome.reason in ("four_in_a_row", "board_full"))
