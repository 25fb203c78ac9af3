"""What a connection does with an event of its game: decided from three versions, and nothing else."""

from enum import Enum, auto


class Step(Enum):
    """What comes next."""

    FORWARD = auto()
    """It is the next that the client has to hear."""
    SKIP = auto()
    """The client knows it, from a snapshot."""
    HEAR = auto()
    """Our own live game lacks it and has to take it in first."""
    RESYNC = auto()
    """Something before it was lost on its way: the client needs the whole state."""


def step_after(told: int, version: int | None, known: int | None) -> Step:
    """What to do with an event.

    Args:
        told: the version that the client was told last.
        version: the game's after the event; None for an event that isn't versioned.
        known: the version of this process's live game; None while it is not loaded.
    """
    if version is None:
        return Step.FORWARD
    if version <= told:
        return Step.SKIP
    if known is None or version > known:
        return Step.HEAR
    return Step.FORWARD if version == told + 1 else Step.RESYNC
