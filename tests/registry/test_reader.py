"""Reading: how long a caller waits, alone and in a crowd."""

import asyncio
import threading
import time

import pytest
from django.db import OperationalError

from games.storage import reader as reader_module
from games.storage.reader import THREADS, Reader
from tests.support.stories import story

pytestmark = pytest.mark.usefixtures("transactional_db")


@story
async def test_a_crowd_is_served_while_the_store_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "WAIT", 0.5)
    reader = Reader(asyncio.get_running_loop())

    def read(number: int) -> int:
        time.sleep(0.1)  # a slow store
        return number

    crowd = range(THREADS * 10)
    assert await asyncio.gather(*(reader.read(read, number) for number in crowd)) == list(crowd)
    await reader.close()


@story
async def test_a_store_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "WAIT", 0.2)
    reader, released = Reader(asyncio.get_running_loop()), threading.Event()
    asks = [reader.read(released.wait, 20) for _ in range(THREADS * 5)]
    given_up = await asyncio.gather(*asks, return_exceptions=True)
    assert [type(error) for error in given_up] == [TimeoutError] * len(given_up)
    released.set()
    assert await reader.read(lambda: "an answer") == "an answer"
    await reader.close()


@story
async def test_an_error_of_the_store_reaches_its_caller() -> None:
    reader = Reader(asyncio.get_running_loop())

    def fail() -> None:
        raise OperationalError("no such table")

    with pytest.raises(OperationalError):
        await reader.read(fail)
    await reader.close()


@story
async def test_a_caller_who_vanishes_leaves_no_work_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, released, done = Reader(asyncio.get_running_loop()), threading.Event(), []
    busy = [asyncio.create_task(reader.read(released.wait, 20)) for _ in range(THREADS)]
    waiting = asyncio.create_task(reader.read(done.append, "work"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    released.set()
    await asyncio.gather(*busy)
    assert await reader.read(lambda: "the next") == "the next"
    assert not done
    await reader.close()
