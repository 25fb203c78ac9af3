"""The worker processes of one event loop: questions wait in a bounded queue, and no question waits for ever.

Workers are processes of low priority, so that thinking takes only what moves leave of the processor. One that dies or
does not answer in time is killed and replaced, and its question asked again.
"""

import asyncio
import itertools
import logging
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings

from games.computer.solver.engine import DeadlineExceeded, EngineUnavailable
from games.computer.workers.questions import Answer, ChooseMove, Failure, Question, ScoreColumns, ScoreGame

logger = logging.getLogger("fourline.computer")

NICENESS: Final = 15
"""How much a worker gives way to everything else on its machine; of 19."""
ATTEMPTS: Final = 3
"""How often a question is asked before it is given up: one that kills its worker must not kill all of them for ever."""
GRACE: Final = 2.0
"""Seconds beyond a question's own after which its worker counts as hanging."""
START: Final = 10.0
"""Seconds that a fresh worker may take for its first answer on top of that: it loads the engine."""
LONGEST_ANSWER: Final = 64 * 1024

_ROOT: Final = Path(__file__).resolve().parent.parent.parent.parent
_RANK: Final[dict[type[Question], int]] = {ChooseMove: 0, ScoreColumns: 1, ScoreGame: 2}
"""What comes first: somebody waits for a move, or for a position."""
_decoder = msgspec.json.Decoder(Answer)


class PoolBusy(Exception):
    """More questions wait than may; ask later."""


class NoAnswer(Exception):
    """The question was given up after several workers died over it, or the pool was closed."""


class Pool:
    """Workers, and the questions that wait for them. Belongs to the event loop in which it is first asked."""

    def __init__(self, workers: int, waiting: int = 200, niceness: int = NICENESS) -> None:
        """Nothing is started before the first question.

        Args:
            workers: how many processes.
            waiting: how many questions may wait, besides those that workers have.
            niceness: of the processes, 0 to 19.
        """
        self._queue: asyncio.PriorityQueue[tuple[int, int, Question, asyncio.Future[Answer]]] = asyncio.PriorityQueue()
        self._workers = [_Worker(niceness) for _ in range(workers)]
        self._waiting = waiting
        self._order = itertools.count()
        self._tasks: list[asyncio.Task[None]] = []
        self._is_closed = False

    @classmethod
    def of_settings(cls) -> "Pool":
        """A pool with as many workers as `COMPUTER_WORKERS` says, which give way as `COMPUTER_NICENESS` says."""
        return cls(settings.COMPUTER_WORKERS, niceness=settings.COMPUTER_NICENESS)

    async def ask(self, question: Question) -> Answer:
        """Ask, and wait for the answer. Moves come before positions, those before reviews. Never blocks the event loop.

        Args:
            question: with the seconds that it may take once a worker has it; how long it waits for one is up to the
                caller, who may cancel.

        Raises:
            PoolBusy: too many questions wait, or the pool has no workers.
            EngineUnavailable: perfect play is not to be had here.
            DeadlineExceeded: it took longer.
            ValueError: no such position or level.
            NoAnswer: given up.
        """
        if self._is_closed:
            raise NoAnswer("the pool is closed")
        if not self._workers or self._queue.qsize() >= self._waiting:
            raise PoolBusy(f"{self._queue.qsize()} questions wait for {len(self._workers)} workers")
        self._start()
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((_RANK[type(question)], next(self._order), question, future))
        return _checked(await future)

    async def close(self) -> None:
        """End all workers at once; who waits for an answer hears that there is none."""
        self._is_closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while not self._queue.empty():
            _fail(self._queue.get_nowait()[3], NoAnswer("the pool was closed"))
        for worker in self._workers:
            await worker.kill()

    @property
    def size(self) -> int:
        """How many workers there are, or will be."""
        return len(self._workers)

    @property
    def pids(self) -> list[int]:
        """Of the workers that run."""
        return [worker.process.pid for worker in self._workers if worker.process is not None]

    def _start(self) -> None:
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._serve(worker)) for worker in self._workers]

    async def _serve(self, worker: "_Worker") -> None:
        while True:
            _rank, _order, question, future = await self._queue.get()
            if future.done():
                continue  # its caller has gone
            try:
                future.set_result(await _answer(worker, question))
            except asyncio.CancelledError:
                _fail(future, NoAnswer("the pool was closed"))
                raise
            except NoAnswer as error:
                _fail(future, error)
            except asyncio.InvalidStateError:
                pass  # its caller went meanwhile
            except Exception:  # whatever it is, the next question must find somebody who serves it
                logger.exception("a worker could not be asked")
                _fail(future, NoAnswer("the worker could not be asked"))


async def _answer(worker: "_Worker", question: Question) -> Answer:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await worker.ask(question)
        except (
            OSError,
            EOFError,
            TimeoutError,
            ValueError,
            RuntimeError,
        ) as error:  # the last is uvloop's, of a dead one
            logger.warning("A worker failed over a question (attempt %d): %s", attempt, repr(error))
            await worker.kill()
    raise NoAnswer(f"given up after {ATTEMPTS} attempts")


def _checked(answer: Answer) -> Answer:
    match answer.failure:
        case Failure.UNAVAILABLE:
            raise EngineUnavailable(answer.message)
        case Failure.TOO_LATE:
            raise DeadlineExceeded(answer.message)
        case Failure.NO_POSITION:
            raise ValueError(answer.message)
    return answer


def _fail(future: "asyncio.Future[Answer]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)


class _Worker:
    """One process, started when it is needed."""

    def __init__(self, niceness: int) -> None:
        self._niceness = niceness
        self.process: Process | None = None

    async def ask(self, question: Question) -> Answer:
        """One question, one answer.

        Raises:
            OSError: the process can't be started, or has gone.
            EOFError: it died before it had answered.
            TimeoutError: it doesn't answer.
            ValueError: it wrote something else.
        """
        patience = question.seconds + GRACE
        if self.process is None:
            patience += START
            self.process = await self._start()
        process = self.process
        if process.stdin is None or process.stdout is None:
            raise OSError("a worker was started without pipes")
        async with asyncio.timeout(patience):
            process.stdin.write(msgspec.json.encode(question) + b"\n")
            await process.stdin.drain()
            line = await process.stdout.readline()
        if not line.endswith(b"\n"):
            raise EOFError("a worker died")
        return _decoder.decode(line)

    async def _start(self) -> Process:
        command = [sys.executable, "-m", "games.computer.workers.worker", str(self._niceness)]
        # A session of its own: Ctrl-C in the terminal is for the server, which then closes its workers. How much it
        # gives way, it tells Linux of itself and of its session (`worker.give_way`).
        return await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, cwd=_ROOT, limit=LONGEST_ANSWER, start_new_session=True
        )

    async def kill(self) -> None:
        """End the process, whatever it does; the next question starts another."""
        process, self.process = self.process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
