"""The time of the log: the store's, whatever this machine's clock says."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError

from games.storage import store_time
from games.storage.store_time import MAX_ROUND_TRIP, Reading, StoreTime

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Store:
    """In place of a reader: answers with a clock that is set by hand."""

    def __init__(self) -> None:
        self.answer: Reading | Exception | None = None

    async def read(self, function: Callable[..., Any], *args: Any) -> Any:
        assert function is store_time.read_clock
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def ours(store: Store) -> StoreTime:
    return StoreTime(store)  # type: ignore[arg-type]  # as far as it is used


def ago(seconds: float) -> Reading:
    """Said so many seconds ago that it was noon."""
    return Reading(NOON, time.monotonic() - seconds, 0.001)


def test_without_an_answer_it_is_this_machines_time(ours: StoreTime) -> None:
    asyncio.run(ours.measure())
    assert abs(ours.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert ours.offset == 0


def test_after_an_answer_it_is_the_stores_and_goes_on(store: Store, ours: StoreTime) -> None:
    store.answer = ago(90)
    asyncio.run(ours.measure())
    assert timedelta(seconds=90) <= ours.now() - NOON < timedelta(seconds=95)
    assert abs(ours.offset - (ours.now() - datetime.now(UTC)).total_seconds()) < 1


def test_a_slow_answer_and_none_leave_what_was_known(store: Store, ours: StoreTime) -> None:
    store.answer = ago(0)
    asyncio.run(ours.measure())
    store.answer = Reading(NOON + timedelta(hours=1), time.monotonic(), MAX_ROUND_TRIP * 1.01)
    asyncio.run(ours.measure())
    store.answer = OperationalError("away")
    with pytest.raises(OperationalError):
        asyncio.run(ours.measure())
    assert ours.now() - NOON < timedelta(seconds=30)


def test_it_is_asked_again_and_again_also_after_a_failure(
    store: Store, ours: StoreTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_time, "INTERVAL", 0.01)
    store.answer = OperationalError("away")

    async def story() -> None:
        ours.start()
        await asyncio.sleep(0.03)
        store.answer = ago(3600)
        async with asyncio.timeout(5):
            while ours.now() - NOON > timedelta(days=1) or ours.now() < NOON:
                await asyncio.sleep(0.01)
        await ours.close()

    asyncio.run(story())
    assert timedelta(hours=1) <= ours.now() - NOON < timedelta(hours=1, minutes=1)
