"""The worker processes: answers, deadlines, the queue, and the end."""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import LazySettings

from games.computer.solver.engine import DeadlineExceeded, Engine, EngineUnavailable
from games.computer.workers.pool import NICENESS, NoAnswer, Pool, PoolBusy
from games.computer.workers.questions import ChooseMove, ScoreColumns, ScoreGame
from tests.computer.pools import DEEP, EASY, EASY_SCORES, LONG, a_pool, is_alive, run, until

ROOT = Path(__file__).resolve().parent.parent.parent


def autogroup_of(pid: int) -> str | None:
    """How much a process's session gives way to others, as Linux says it; None where it doesn't."""
    try:
        return Path(f"/proc/{pid}/autogroup").read_text().strip().partition(" ")[2]
    except OSError:
        return None


def test_questions_of_all_kinds(engine: Engine) -> None:
    async def story() -> None:
        async with a_pool(2) as pool:
            scores, game, move = await asyncio.gather(
                pool.ask(EASY),
                pool.ask(ScoreGame([3, 3, 2, 4, 2], 30, opening=4)),
                pool.ask(ChooseMove([3], 30, 8, "x")),
            )
            assert scores.scores == [EASY_SCORES]
            assert game.scores == engine.score_game([3, 3, 2, 4, 2], from_ply=5)
            assert move.column == 3
            assert len(pool.pids) == 2

    run(story)


def test_workers_give_way_and_stay_small() -> None:
    async def story() -> None:
        async with a_pool(niceness=NICENESS) as pool:
            for _ in range(3):
                await pool.ask(ScoreGame([3, 2, 6, 0, 1, 1, 5, 2, 2, 5], 30))
            worker = psutil.Process(pool.pids[0])
            assert worker.nice() - os.nice(0) in (NICENESS, 19 - os.nice(0))
            assert worker.memory_info().rss <= 100_000_000
            assert autogroup_of(worker.pid) in (None, f"nice {NICENESS}")

    run(story)


@pytest.mark.skipif(sys.platform != "linux", reason="measures by what Linux says of processes")
def test_a_busy_worker_leaves_a_core_to_who_wants_it() -> None:
    """Both on one core for a second of this process's time; what others do there takes from both."""
    cores = os.sched_getaffinity(0)

    async def story() -> None:
        async with a_pool(niceness=NICENESS) as pool:
            await pool.ask(EASY)
            worker = psutil.Process(pool.pids[0])
            for process in (worker, psutil.Process()):
                process.cpu_affinity([min(cores)])
            question = asyncio.create_task(pool.ask(ScoreGame(DEEP, 30)))
            await asyncio.sleep(0.01)  # it is sent
            before, own = sum(worker.cpu_times()[:2]), time.thread_time()
            while time.thread_time() < own + 1:
                pass
            assert sum(worker.cpu_times()[:2]) - before < 0.2
            os.sched_setaffinity(0, cores)
            await question

    try:
        run(story)
    finally:
        os.sched_setaffinity(0, cores)


def test_how_much_workers_give_way_can_be_set(settings: LazySettings) -> None:
    settings.COMPUTER_WORKERS, settings.COMPUTER_NICENESS = 1, 3

    async def story() -> None:
        pool = Pool.of_settings()
        try:
            await pool.ask(EASY)
            assert psutil.Process(pool.pids[0]).nice() - os.nice(0) in (3, 19 - os.nice(0))
        finally:
            await pool.close()

    run(story)


def test_a_question_ends_at_its_deadline_and_its_worker_lives_on() -> None:
    async def story() -> None:
        async with a_pool() as pool:
            await pool.ask(EASY)
            before = pool.pids
            with pytest.raises(DeadlineExceeded):
                await pool.ask(ScoreColumns(LONG.columns, 0.001))
            assert (await pool.ask(EASY)).scores == [EASY_SCORES]
            assert pool.pids == before

    run(story)


def test_the_event_loop_runs_on_meanwhile() -> None:
    async def story() -> None:
        async with a_pool() as pool:
            question, ticks = asyncio.create_task(pool.ask(LONG)), 0
            while not question.done():
                await asyncio.sleep(0.002)
                ticks += 1
            assert ticks > 20

    run(story)


def test_moves_come_before_reviews() -> None:
    async def story() -> None:
        async with a_pool() as pool:
            answered: list[str] = []

            async def ask(name: str, question: Any) -> None:
                await pool.ask(question)
                answered.append(name)

            first = asyncio.create_task(ask("first", LONG))
            await until(lambda: pool.pids)
            reviews = [asyncio.create_task(ask("review", ScoreGame([3, 3], 30))) for _ in range(3)]
            await asyncio.sleep(0)
            move = asyncio.create_task(ask("move", ChooseMove([3, 3], 30, 2, "x")))
            await asyncio.gather(first, *reviews, move)
            assert answered == ["first", "move", "review", "review", "review"]

    run(story)


def test_the_queue_is_bounded_and_a_pool_may_have_no_workers() -> None:
    async def story() -> None:
        async with a_pool(waiting=2) as pool:
            asked = [asyncio.create_task(pool.ask(EASY)) for _ in range(2)]
            await asyncio.sleep(0)
            with pytest.raises(PoolBusy):
                await pool.ask(EASY)
            assert [answer.scores for answer in await asyncio.gather(*asked)] == [[EASY_SCORES]] * 2
        async with a_pool(0) as none:
            with pytest.raises(PoolBusy, match="0 workers"):
                await none.ask(EASY)

    run(story)


def test_a_caller_that_goes_leaves_no_answer_to_the_next() -> None:
    async def story() -> None:
        async with a_pool() as pool:
            await pool.ask(EASY)
            gone, waiting = asyncio.create_task(pool.ask(LONG)), asyncio.create_task(pool.ask(LONG))
            await asyncio.sleep(0.01)
            gone.cancel()
            waiting.cancel()
            assert (await pool.ask(EASY)).scores == [EASY_SCORES]

    run(story)


def test_closing_ends_workers_and_questions() -> None:
    async def story() -> None:
        pool = Pool(1, niceness=0)
        await pool.ask(EASY)
        pids = pool.pids
        questions = [asyncio.create_task(pool.ask(LONG)) for _ in range(2)]
        await asyncio.sleep(0.01)
        await pool.close()
        for question in questions:
            with pytest.raises(NoAnswer, match="closed"):
                await question
        assert not any(map(is_alive, pids))
        with pytest.raises(NoAnswer, match="closed"):
            await pool.ask(EASY)

    run(story)


@pytest.mark.parametrize(
    "question", [ScoreColumns([9], 30), ScoreGame([3] * 7, 30), ChooseMove([3, 2, 3, 2, 3, 2, 3], 30, 4, "x"),
                 ChooseMove([], 30, 9, "x"), ScoreColumns([300], 30)],
)  # fmt: skip
def test_what_is_no_position_or_level_is_refused(question: Any) -> None:
    async def story() -> None:
        async with a_pool() as pool:
            with pytest.raises(ValueError):
                await pool.ask(question)
            assert (await pool.ask(EASY)).scores == [EASY_SCORES]

    run(story)


def test_without_wasmtime_levels_up_to_six_play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wasmtime.py").write_text("raise ImportError('not here')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    async def story() -> None:
        async with a_pool() as pool:
            for level in range(1, 7):
                assert (await pool.ask(ChooseMove([3, 2, 3, 2, 3, 2], 30, level, "x"))).column in range(7)
            for question in (EASY, ScoreGame([3], 30), ChooseMove([], 30, 7, "x"), ChooseMove([], 30, 8, "x")):
                with pytest.raises(EngineUnavailable, match="wasmtime"):
                    await pool.ask(question)

    run(story)
