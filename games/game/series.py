"""A game and its rematches, in order, and how they stand."""

from typing import NamedTuple

from games.protocol import Outcome, Reason

HalfPoints = tuple[int, int]
"""Of participants 1 and 2: two for a win, one for a draw."""


class Series(NamedTuple):
    """A game's place in its series.

    Attributes:
        id: the first game's.
        number: the game's, counted from 1.
        before: half points that the game's participants 1 and 2 have from the games before it.
    """

    id: str
    number: int = 1
    before: HalfPoints = (0, 0)

    def points(self, outcome: Outcome | None) -> HalfPoints:
        """Half points of participants 1 and 2, with those of the game itself once it is finished.

        Args:
            outcome: the game's; None while it goes on.
        """
        first, second = half_points(outcome)
        return self.before[0] + first, self.before[1] + second

    def next(self, outcome: Outcome | None) -> "Series":
        """The place of the rematch, in which the seats are swapped.

        Args:
            outcome: of the game before it.
        """
        first, second = self.points(outcome)
        return Series(self.id, self.number + 1, (second, first))


def half_points(outcome: Outcome | None) -> HalfPoints:
    """What a game gives participants 1 and 2: an aborted one, or one that goes on, nothing.

    >>> half_points(Outcome(2, Reason.RESIGNATION)), half_points(Outcome(None, Reason.AGREEMENT))
    ((0, 2), (1, 1))
    """
    if outcome is None or outcome.reason is Reason.ABORTED:
        return 0, 0
    if outcome.winner is None:
        return 1, 1
    return (2, 0) if outcome.winner == 1 else (0, 2)
