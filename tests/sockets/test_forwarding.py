"""What is done with an event follows from the client's version, the event's, and whether our live game has it."""

import pytest

from games.sockets.forwarding import Step, step_after


@pytest.mark.parametrize(
    ("told", "version", "is_known", "step"),
    [
        (4, 5, True, Step.FORWARD),
        (0, 1, True, Step.FORWARD),
        (4, None, True, Step.FORWARD),
        (4, None, False, Step.HEAR),  # an offer of a rematch, say
        (4, 4, True, Step.SKIP),
        (4, 3, False, Step.SKIP),
        (4, 5, False, Step.HEAR),
        (4, 6, False, Step.HEAR),  # and only then judged again, to be a gap
        (4, 6, True, Step.RESYNC),
    ],
)
def test_the_next_step(told: int, version: int | None, is_known: bool, step: Step) -> None:
    assert step_after(told, version, is_known) is step
