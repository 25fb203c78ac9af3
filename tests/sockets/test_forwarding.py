"""What is done with an event follows from three versions: the client's, the event's and our live game's."""

import pytest

from games.sockets.forwarding import Step, step_after


@pytest.mark.parametrize(
    ("told", "version", "known", "step"),
    [
        (4, 5, 5, Step.FORWARD),
        (4, 5, 7, Step.FORWARD),  # our game has moved on meanwhile
        (0, 1, 1, Step.FORWARD),
        (4, None, 4, Step.FORWARD),
        (4, None, None, Step.FORWARD),
        (4, 4, 4, Step.SKIP),
        (4, 3, None, Step.SKIP),
        (4, 5, 4, Step.HEAR),
        (4, 6, 5, Step.HEAR),  # and only then judged again, to be a gap
        (4, 5, None, Step.HEAR),
        (4, 6, 6, Step.RESYNC),
    ],
)
def test_the_next_step(told: int, version: int | None, known: int | None, step: Step) -> None:
    assert step_after(told, version, known) is step
