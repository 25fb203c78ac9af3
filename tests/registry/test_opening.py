"""A registry belongs to whoever opened it, and is closed by nobody else."""

import asyncio
import logging
import threading
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from games.models import Player
from games.protocol import GameError
from games.registry import registry
from games.registry.registry import Registry
from tests.support.houses import participant
from tests.support.stories import story


@story
async def test_nobody_gets_a_registry_that_was_not_opened() -> None:
    with pytest.raises(RuntimeError, match="no registry is open"):
        Registry.here()
    async with Registry.opened() as opened:
        assert Registry.here() is Registry.open() is opened
        with pytest.raises(RuntimeError, match="belongs to somebody else"):
            async with Registry.opened():
                pass
        assert not opened.is_closed
    with pytest.raises(RuntimeError):
        Registry.here()


def test_a_call_of_a_command_opens_a_registry_and_closes_it(alice: Player) -> None:
    used: list[Registry] = []

    async def create(here: Registry) -> None:
        used.append(here)
        await here.create(participant(alice))

    with registry.alone():
        registry.call(create)
    registry.call(create)  # within the fixture's own `alone` still
    assert used[0] is not used[1]
    assert all(here.is_closed for here in used)


@story
async def test_a_call_of_a_view_leaves_the_server_its_registry(alice: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_is_alone", threading.Event())
    async with Registry.opened() as servers:
        games = [sync_to_async(registry.call)(lambda here: here.create(participant(alice))) for _ in range(12)]
        assert len({game.id for game in await asyncio.gather(*games)}) == 12
        assert not servers.is_closed
        assert Registry.here() is servers


@story
async def test_the_log_says_why_the_store_is_unavailable(
    transactional_db: None, caplog: pytest.LogCaptureFixture
) -> None:
    def never(*_: Any) -> None:
        raise TimeoutError

    async with Registry.opened() as here:
        with caplog.at_level(logging.WARNING, "fourline"), pytest.raises(GameError):
            await here.read(never)
    assert "storage unavailable: TimeoutError" in caplog.messages
