"""What becomes of a question when its worker is killed or hangs, and of workers when their server is."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import msgspec
import psutil
import pytest
import uvloop

from games.computer.solver.engine import Engine
from games.computer.workers import pool as pool_module
from games.computer.workers.pool import NoAnswer
from games.computer.workers.questions import ScoreColumns
from tests.computer.pools import EASY, EASY_SCORES, LONG, PATIENCE, a_pool, is_alive, run, until
from tests.support.servers import ROOT


def test_a_worker_that_is_killed_over_a_question_is_replaced_and_asked_again(engine: Engine) -> None:
    async def story() -> None:
        async with a_pool() as pool:
            await pool.ask(EASY)
            [pid] = pool.pids
            before = psutil.Process(pid).cpu_times().user
            question = asyncio.create_task(pool.ask(LONG))
            await until(lambda: psutil.Process(pid).cpu_times().user > before)
            assert not question.done()
            os.kill(pid, signal.SIGKILL)
            assert (await question).scores == [engine.score_columns(LONG.columns)]
            assert pool.pids != [pid]

    run(story)


def test_a_worker_that_dies_between_questions_is_replaced() -> None:
    async def story() -> None:
        async with a_pool() as pool:
            for _ in range(3):
                assert (await pool.ask(EASY)).scores == [EASY_SCORES]
                os.kill(pool.pids[0], signal.SIGKILL)

    run(story)


def test_under_the_loop_of_servers_a_worker_that_dies_between_questions_is_replaced_too() -> None:
    """uvloop has an error of its own for what is written to a process that is gone."""

    async def story() -> None:
        async with asyncio.timeout(PATIENCE), a_pool() as pool:
            for _ in range(3):
                assert (await pool.ask(EASY)).scores == [EASY_SCORES]
                os.kill(pool.pids[0], signal.SIGKILL)
                await asyncio.sleep(0.3)

    uvloop.run(story())


def test_a_worker_whose_server_is_killed_while_it_thinks_ends_without_a_word() -> None:
    command = [sys.executable, "-m", "games.computer.workers.worker", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        assert worker.stderr is not None
        worker.stdout.close()
        worker.stdin.write(msgspec.json.encode(EASY) + b"\n")
        worker.stdin.close()
        assert worker.stderr.read() == b""


def test_a_worker_that_hangs_is_replaced_and_its_question_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with a_pool() as pool:
            await pool.ask(EASY)
            [pid] = pool.pids
            monkeypatch.setattr(pool_module, "GRACE", 0.2)
            monkeypatch.setattr(pool_module, "START", PATIENCE)
            os.kill(pid, signal.SIGSTOP)
            assert (await pool.ask(ScoreColumns(EASY.columns, 1))).scores == [EASY_SCORES]
            assert not is_alive(pid)

    run(story)


def test_a_question_that_kills_every_worker_is_given_up_and_the_next_is_answered() -> None:
    async def story() -> None:
        async with a_pool() as pool:
            question, killed = asyncio.create_task(pool.ask(LONG)), set[int]()
            while not question.done():
                for pid in set(pool.pids) - killed:
                    killed.add(pid)
                    os.kill(pid, signal.SIGKILL)
                await asyncio.sleep(0.001)
            with pytest.raises(NoAnswer, match="3 attempts"):
                await question
            assert len(killed) == 3
            assert (await pool.ask(EASY)).scores == [EASY_SCORES]

    run(story)


def test_workers_end_with_a_server_that_is_killed() -> None:
    program = (
        "import asyncio\n"
        "from games.computer.workers.pool import Pool\n"
        "from games.computer.workers.questions import ScoreColumns\n"
        "async def main():\n"
        "    pool = Pool(2, niceness=0)\n"
        "    ask = lambda: pool.ask(ScoreColumns([3, 3, 2], 30))\n"
        "    await asyncio.gather(ask(), ask())\n"
        "    print(*pool.pids, flush=True)\n"
        "    await asyncio.sleep(300)\n"
        "asyncio.run(main())\n"
    )
    server = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        pids = [int(pid) for pid in server.stdout.readline().split()]
        assert len(pids) == 2
        assert all(map(is_alive, pids))
    finally:
        server.kill()
        server.communicate()
    deadline = time.monotonic() + PATIENCE
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    still = [pid for pid in pids if is_alive(pid)]
    for pid in still:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert not still
