"""A worker process: reads questions from its standard input, a line each, and writes the answers to its output.

Started by the pool as ``python -m games.computer.workers.worker NICENESS``; ends when its input ends, and so with
whoever started it. Knows no Django, no database and no socket.
"""

import os
import sys
import time
from pathlib import Path
from random import Random
from typing import BinaryIO, Final

import msgspec

from games.computer.play.levels import choose, level_of
from games.computer.solver.engine import DeadlineExceeded, Engine, EngineUnavailable
from games.computer.workers.questions import Answer, ChooseMove, Failure, Question, ScoreColumns, ScoreGame
from games.rules.board import IllegalDrop

NICEST: Final = 19
AUTOGROUP: Final = Path("/proc/self/autogroup")
AUTOGROUP_TRIES: Final = 10


class Worker:
    """Answers questions, one after the other."""

    def __init__(self) -> None:
        self.lacks = ""
        try:
            self.engine: Engine | None = Engine()
        except EngineUnavailable as reason:
            self.engine, self.lacks = None, str(reason)

    def answer(self, question: Question) -> Answer:
        """Answer, or say which of the failures there is."""
        try:
            return self._found(question)
        except EngineUnavailable as error:
            return Answer(failure=Failure.UNAVAILABLE, message=str(error))
        except DeadlineExceeded as error:
            return Answer(failure=Failure.TOO_LATE, message=str(error))
        except (IllegalDrop, ValueError) as error:
            return Answer(failure=Failure.NO_POSITION, message=str(error))

    def _found(self, question: Question) -> Answer:
        match question:
            case ScoreColumns(columns, seconds):
                return Answer(scores=[self._engine().score_columns(columns, seconds)])
            case ScoreGame(columns, seconds, opening):
                return Answer(scores=self._engine().score_game(columns, opening + 1, seconds))
            case ChooseMove(columns, seconds, number, seed):
                return Answer(column=self._column(columns, seconds, number, seed))

    def _engine(self) -> Engine:
        if self.engine is None:
            raise EngineUnavailable(self.lacks)
        return self.engine

    def _column(self, columns: list[int], seconds: float, number: int, seed: str) -> int:
        level, engine = level_of(number), self.engine
        if level.needs_engine and self._engine().lacks:
            # Said before its first move: it would lack the book only some moves later.
            raise EngineUnavailable(self._engine().lacks)
        # Level 6 solves endgames where it can; it plays on without.
        solve = None if engine is None else lambda moves: engine.score_columns(moves, seconds)
        return choose(columns, level, Random(seed), solve)  # noqa: S311 a game, not a secret


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer questions until there are no more."""
    worker = Worker()
    decode = msgspec.json.Decoder(Question)
    for line in questions:
        answers.write(msgspec.json.encode(worker.answer(decode.decode(line))) + b"\n")
        answers.flush()


def give_way(niceness: int) -> None:
    """Leave the processor to other processes.

    Args:
        niceness: 0 to 19; 19 takes, on Linux, only what nobody else wants.
    """
    os.nice(niceness)
    if sys.platform != "linux":
        return
    if niceness == NICEST:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    if os.getsid(0) == os.getpid():
        _give_way_as_session(niceness)


def _give_way_as_session(niceness: int) -> None:
    """Linux shares the processor out between sessions first (``sched_autogroup``), each by a niceness of its own."""
    for _ in range(AUTOGROUP_TRIES):
        try:
            AUTOGROUP.write_text(str(niceness))
        except BlockingIOError:  # it takes ten a second, of all processes together
            time.sleep(0.1)
        except OSError:  # this kernel has none, or doesn't let us
            return
        else:
            return


if __name__ == "__main__":
    give_way(int(sys.argv[1]))
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:  # whoever asked was killed meanwhile
        os._exit(1)  # without a second try to write what nobody reads
