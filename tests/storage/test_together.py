"""Questions that come while others are being asked go together, in one call of the store."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from games.protocol import ErrorCode, GameError
from games.storage.together import AT_ONCE, Together


class Store:
    """Answers a number with its square; holds each answer back until it is let go."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.gate = asyncio.Event()
        self.is_away = False

    async def read(self, answer: Callable[[list[int]], Any], questions: list[int]) -> Any:
        self.calls.append(questions)
        await self.gate.wait()
        if self.is_away:
            raise GameError(ErrorCode.TRY_AGAIN)
        return answer(questions)


def squares(numbers: list[int]) -> list[int | Exception]:
    return [ValueError(number) if number < 0 else number * number for number in numbers]


def asking(together: Together[int, int], numbers: range | list[int]) -> list[asyncio.Task[int]]:
    return [asyncio.create_task(together.ask(number)) for number in numbers]


def test_what_comes_meanwhile_goes_together() -> None:
    async def story() -> None:
        store = Store()
        together = Together(store.read, squares)
        first = asking(together, [1])
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        later = asking(together, range(2, 100))
        await asyncio.sleep(0)
        store.gate.set()
        assert await asyncio.gather(*first, *later) == [number * number for number in range(1, 100)]
        assert [len(call) for call in store.calls] == [1, AT_ONCE, AT_ONCE, 98 - 2 * AT_ONCE]
        assert await together.ask(5) == 25, "and once more after that"

    asyncio.run(story())


def test_one_that_can_not_be_answered_is_no_matter_to_the_others() -> None:
    async def story() -> None:
        store = Store()
        store.gate.set()
        together = Together(store.read, squares)
        answers = await asyncio.gather(*asking(together, [3, -1, 4]), return_exceptions=True)
        assert (answers[0], type(answers[1]), answers[2]) == (9, ValueError, 16)

    asyncio.run(story())


def test_while_the_store_is_away_nobody_waits_twice() -> None:
    async def story() -> None:
        store = Store()
        store.is_away = True
        together = Together(store.read, squares)
        callers = asking(together, [1])
        await asyncio.sleep(0.01)
        callers += asking(together, [2, 3])
        await asyncio.sleep(0.01)
        store.gate.set()
        answers = await asyncio.gather(*callers, return_exceptions=True)
        assert [getattr(answer, "code", None) for answer in answers] == [ErrorCode.TRY_AGAIN] * 3
        assert len(store.calls) == 1
        store.is_away = False
        assert await together.ask(6) == 36

    asyncio.run(story())


def test_a_caller_who_vanishes_takes_nothing_away() -> None:
    async def story() -> None:
        store = Store()
        together = Together(store.read, squares)
        gone, stays = asking(together, [1, 2])
        await asyncio.sleep(0.01)
        gone.cancel()
        store.gate.set()
        assert await stays == 4
        with pytest.raises(asyncio.CancelledError):
            await gone

    asyncio.run(story())
