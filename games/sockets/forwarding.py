"""What a connection does with an event of its game: decided from what client and process know, and nothing else."""

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


def step_after(told: int, version: int | None, is_known: bool) -> Step:
    """What to do with an event.

    Args:
        told: the version that the client was told last.
        version: the game's after the event; None for an event that isn't versioned.
        is_known: whether this process's live game has the change that the event tells of.
    """
    if version is not None and version <= told:
        return Step.SKIP
    if not is_known:
        return Step.HEAR
    return Step.FORWARD if version is None or version == told + 1 else Step.RESYNC
