"""Many questions, a few at a time."""

import asyncio

import pytest

from games.storage.paced import BREATH, slices
from games.storage.prepared import AT_ONCE
from tests.support.stories import story


@pytest.fixture
def breaths(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, none of them waited for."""
    made: list[float] = []

    async def sleep(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return made


@story
async def test_all_come_in_order_with_a_breath_between_two_slices(breaths: list[float]) -> None:
    for count in (0, 1, AT_ONCE, AT_ONCE + 1, 5 * AT_ONCE):
        breaths.clear()
        found = [some async for some in slices(range(count), within=1.0)]
        assert [number for some in found for number in some] == list(range(count))
        assert all(len(some) <= AT_ONCE for some in found)
        assert breaths == [BREATH] * max(0, len(found) - 1)


@story
async def test_the_breaths_of_a_long_list_are_short(breaths: list[float]) -> None:
    assert len([some async for some in slices(range(1000 * AT_ONCE), within=1.0)]) == 1000
    assert 0.9 < sum(breaths) <= 1.0
