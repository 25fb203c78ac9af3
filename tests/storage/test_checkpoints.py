"""SQLite's log is copied into the database beside the writer, and started anew before it grows without end."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from games.models import Game, Player
from games.storage import checkpoints
from games.storage.checkpoints import Checkpoints
from games.storage.database import use_own_connection
from tests.support.journals import desk, drop
from tests.support.stored_games import store_game
from tests.support.stories import in_store, story


def _restarts() -> int:
    """How often the log was started anew: its header counts it (https://www.sqlite.org/fileformat2.html, 4.1)."""
    with Path(f"{connection.settings_dict['NAME']}-wal").open("rb") as log:
        return int.from_bytes(log.read(32)[12:16])


def _in_a_thread(work: Any) -> Any:
    """Call something in a thread of its own, with the writer's kind of connection."""
    results = []

    def run() -> None:
        use_own_connection(is_journal=True)
        try:
            results.append(work())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return results[0]


def _pragma(name: str) -> int:
    with connections["default"].cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        value: int = cursor.fetchone()[0]
        return value


def test_no_commit_of_the_writer_stops_to_copy_the_log(transactional_db: None) -> None:
    assert _in_a_thread(lambda: _pragma("wal_autocheckpoint")) == 0
    assert _in_a_thread(lambda: _pragma("synchronous")) == 2  # FULL, as ever
    assert _pragma("wal_autocheckpoint") == 1000


@story
async def test_a_long_log_is_started_anew_while_moves_are_stored(
    monkeypatch: pytest.MonkeyPatch, alice: Player, bob: Player
) -> None:
    monkeypatch.setattr(checkpoints, "INTERVAL", 0.01)
    monkeypatch.setattr(checkpoints, "LONG", 20)
    async with desk() as here:
        before = await in_store(_restarts)()
        plies = 0
        while await in_store(_restarts)() < before + 3:
            game: Game = await in_store(store_game)(alice, bob)
            await here.store(*(drop(game, ply % 7, ply) for ply in range(1, 43)))
            plies += 42
            assert plies < 42_000, "the log was never started anew"
    assert await in_store(_stored_moves)() == plies


def _stored_moves() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM games_change WHERE kind = 'move'")
        count: int = cursor.fetchone()[0]
        return count


def test_a_reader_of_the_old_log_holds_the_writer_up_only_for_a_moment(
    monkeypatch: pytest.MonkeyPatch, alice: Player, bob: Player
) -> None:
    monkeypatch.setattr(checkpoints, "INTERVAL", 60)
    copying = Checkpoints()
    try:
        connection.ensure_connection()
        with connection.cursor() as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT COUNT(*) FROM games_game")

            def write_and_restart() -> bool:
                with connections["default"].cursor() as cursor:
                    cursor.execute("UPDATE games_player SET name = 'al' WHERE name = 'alice'")
                copying._is_long = True
                copying.restart_if_long()
                return copying._is_long

            assert _in_a_thread(write_and_restart) is False
            reader.execute("ROLLBACK")
    finally:
        copying.close()
