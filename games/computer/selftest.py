"""Does perfect play work here? Known positions, asked of the engine as it is installed."""

import asyncio
from collections.abc import Iterator

from django.conf import settings

from games.computer.solver.engine import DeadlineExceeded, Engine, EngineUnavailable, Scores
from games.computer.workers.pool import Pool
from games.computer.workers.questions import ScoreColumns

SECONDS = 60.0
"""How long one question may take before something is wrong."""
KNOWN: tuple[tuple[str, Scores], ...] = (
    ("", (-2, -1, 0, 1, 0, -1, -2)),
    ("44353", (-4, -2, 4, 1, -4, -4, -4)),
    ("44444475757777321111", (-5, -3, 1, None, -5, -10, None)),
)


def failures(engine: Engine) -> Iterator[str]:
    """Ask what is known already.

    Yields:
        A line for each answer that is wrong or does not come.
    """
    for notation, scores in KNOWN:
        try:
            found = engine.score_columns([int(digit) - 1 for digit in notation], SECONDS)
        except (EngineUnavailable, DeadlineExceeded) as error:
            yield f"{notation or 'the empty board'}: {error}"
        else:
            if found != scores:
                yield f"{notation or 'the empty board'}: {found} in place of {scores}"


async def answering_workers() -> int:
    """Start all workers and ask each.

    Returns:
        How many have answered.

    Raises:
        NoAnswer, EngineUnavailable, DeadlineExceeded: one did not.
    """
    pool = Pool.of_settings()
    questions = [ScoreColumns([3, 3, 2, 4, 2], SECONDS)] * settings.COMPUTER_WORKERS
    try:
        return len(await asyncio.gather(*map(pool.ask, questions)))
    finally:
        await pool.close()
