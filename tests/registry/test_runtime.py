"""A runtime belongs to whoever opened it, and is closed by nobody else."""

import asyncio
import gc
import logging
import threading
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from games import runtime
from games.models import Player
from games.protocol import GameError
from games.runtime import Runtime, calls
from tests.support.houses import participant
from tests.support.stories import story


@story
async def test_nobody_gets_a_runtime_that_was_not_opened() -> None:
    with pytest.raises(RuntimeError, match="no runtime is open"):
        Runtime.here()
    async with Runtime.opened() as opened:
        assert Runtime.here() is Runtime.open() is opened
        with pytest.raises(RuntimeError, match="belongs to somebody else"):
            async with Runtime.opened():
                pass
        assert not opened.is_closed
    with pytest.raises(RuntimeError):
        Runtime.here()


def test_a_call_of_a_command_opens_a_runtime_and_closes_it(alice: Player) -> None:
    used: list[Runtime] = []

    async def create(here: Runtime) -> None:
        used.append(here)
        await here.registry.create(participant(alice))

    with runtime.alone():
        runtime.call(create)
    runtime.call(create)  # within the fixture's own `alone` still
    assert used[0] is not used[1]
    assert all(here.is_closed for here in used)


@story
async def test_a_call_of_a_view_leaves_the_server_its_runtime(alice: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_is_alone", threading.Event())
    async with Runtime.opened() as servers:
        create = sync_to_async(runtime.call)
        games = [create(lambda here: here.registry.create(participant(alice))) for _ in range(12)]
        assert len({game.id for game in await asyncio.gather(*games)}) == 12
        assert not servers.is_closed
        assert Runtime.here() is servers


@story
async def test_the_log_says_why_the_store_is_unavailable(
    transactional_db: None, caplog: pytest.LogCaptureFixture
) -> None:
    def never(*_: Any) -> None:
        raise TimeoutError

    async with Runtime.opened() as here:
        with caplog.at_level(logging.WARNING, "fourline"), pytest.raises(GameError):
            await here.reader.ask(never)
    assert "storage unavailable: TimeoutError" in caplog.messages


def test_a_load_that_fails_after_its_caller_has_gone_is_no_error_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        async with Runtime.opened() as here:
            await here.reader.close()  # it refuses from now on, as it does while the store is away
            entry = here.live_games.use("A9F3QX")
            caller = asyncio.ensure_future(here.live_games.load(entry))
            await asyncio.sleep(0)
            caller.cancel()
            while entry.loading is not None:
                await asyncio.sleep(0)
            del entry
            gc.collect()
            await asyncio.sleep(0)

    asyncio.run(story())
    gc.collect()
    assert not [record for record in caplog.records if record.name == "asyncio"], caplog.text
