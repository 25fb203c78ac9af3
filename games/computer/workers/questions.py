"""What can be asked of the computer, and what it answers: between a server and its worker processes, as JSON."""

from enum import StrEnum

import msgspec


class _Question(msgspec.Struct, tag=True, frozen=True):
    columns: list[int]
    """The moves that lead to the position, counted from 0."""
    seconds: float
    """How long the answer may take once a worker has begun."""


class ScoreColumns(_Question, frozen=True):
    """The score of each column of a position."""


class ScoreGame(_Question, frozen=True):
    """The scores of each position of a game."""

    opening: int = 0
    """How many plies the opening has; they are not scored."""


class ChooseMove(_Question, frozen=True):
    """The move of a level."""

    level: int
    seed: str
    """Of all chance: the same question has the same answer, however often it is asked."""


Question = ScoreColumns | ScoreGame | ChooseMove


class Failure(StrEnum):
    """Why there is no answer."""

    UNAVAILABLE = "unavailable"
    """Perfect play is not to be had here."""
    TOO_LATE = "too_late"
    """It was not found in time."""
    NO_POSITION = "no_position"
    """The moves are no game, or it is over, or there is no such level."""


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was found, or why nothing was."""

    scores: list[tuple[int | None, ...]] | None = None
    column: int | None = None
    failure: Failure | None = None
    message: str = ""
