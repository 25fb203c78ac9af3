"""The server is killed while hundreds play, and started again: nothing that a player was told of is lost."""

import asyncio
import contextlib
import random
import socket
import sqlite3
import time
from pathlib import Path

from tests.support.arenas import Arena, arena, count
from tests.support.slowness import slowness
from tests.support.soak import IS_WHOLE

GAMES, KILLS, AIMED_KILLS_AT_MOST = count(200), count(20), 10
PLIES = 35
"""Of a game between people who avoid to win, at least."""
THINKING = 0.4
"""Seconds at most. The server goes on for a second after SIGTERM: in that time who doesn't think ends every game."""


async def _kill_at_random(place: Arena, kills: int, games: int) -> None:
    """SIGKILL at random instants, spread over the whole of the play; after each a new start."""
    for number in range(kills):
        share = games * PLIES / (kills + 1)
        await place.tally.reaches(int(share * (number + random.random())))
        await asyncio.sleep(random.uniform(0, 0.02))
        place.server.kill()
        await asyncio.to_thread(place.server.start)


async def _kill_at_a_commit(place: Arena, database: Path, after: int) -> None:
    """SIGKILL the moment that another connection sees a commit: mostly before the players are told of it."""
    await place.tally.reaches(after)

    def watch() -> None:
        end = time.monotonic() + 120
        with contextlib.closing(sqlite3.connect(database)) as watching:
            before = watching.execute("PRAGMA data_version").fetchone()
            while watching.execute("PRAGMA data_version").fetchone() == before:
                assert time.monotonic() < end, "nothing was committed"
        place.server.kill()

    await asyncio.to_thread(watch)
    await asyncio.to_thread(place.server.start)


def test_sigkill_at_any_instant(tmp_path: Path, sqlite_url: str) -> None:
    async def kills(place: Arena) -> None:
        tally = place.tally
        await _kill_at_random(place, KILLS, GAMES // 2)
        for _ in range(AIMED_KILLS_AT_MOST):
            if tally.answered_from_store:
                break
            await _kill_at_a_commit(place, tmp_path / "arena.sqlite3", len(tally.acknowledged) + GAMES)

    with arena(tmp_path, sqlite_url, GAMES) as place:
        asyncio.run(place.play(kills(place)))
        place.check()
    tally = place.tally
    assert set(tally.errors) <= {"try_again"}
    assert "Traceback" not in place.server.log
    # The fault happened:
    assert place.server.starts > KILLS
    assert tally.answered_from_store > 0, "no kill fell between a commit and its acknowledgement"
    assert len(tally.acknowledged) > (1000 if IS_WHOLE else 500)


def test_sigterm(tmp_path: Path, sqlite_url: str) -> None:
    """In addition nobody sees an error but the restart, and each time the process is gone soon and its port free."""

    async def restarts(place: Arena) -> None:
        for number in range(KILLS):
            # Not before everybody plays: a restart that nobody is there to see is none.
            await place.tally.reaches(max(2 * GAMES, int(GAMES * PLIES / (KILLS + 1) * (number + random.random()))))
            # uvicorn gives its own exit status to a signal: it ends by the same one, after all is tidy.
            await asyncio.to_thread(lambda: place.server.stop(10 * slowness()))
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", place.server.port))
            await asyncio.to_thread(place.server.start)

    with arena(tmp_path, sqlite_url, GAMES) as place:
        asyncio.run(place.play(restarts(place), thinking=THINKING))
        place.check()
    tally = place.tally
    assert not tally.errors
    assert set(tally.closes) <= {4012, 1012}
    assert not place.complaints
    # The fault happened:
    assert place.server.starts == KILLS + 1
    assert tally.restarts_announced >= 2 * GAMES  # the first restart, if no other, meets both sides of every game
    assert tally.closes[4012] == tally.restarts_announced
    assert len(tally.acknowledged) > (1000 if IS_WHOLE else 500)
