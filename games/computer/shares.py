"""How often a side plays a best move where that isn't easy: the question of cheating, in two numbers. Pure."""

from dataclasses import dataclass

from games.computer.choices import is_choice
from games.computer.review import Review, Verdict

_BEST = (Verdict.ONLY, Verdict.BEST)


@dataclass(frozen=True)
class Share:
    """Plies in positions that are not trivial (`games.computer.choices.is_choice`)."""

    plies: int = 0
    best: int = 0
    """How many of them kept the score."""

    def __add__(self, other: "Share") -> "Share":
        return Share(self.plies + other.plies, self.best + other.best)

    @property
    def percent(self) -> float | None:
        """The share of best moves; None without such plies."""
        return 100 * self.best / self.plies if self.plies else None


def share_of(review: Review, is_first: bool) -> Share:
    """One side's.

    Args:
        review: of a game.
        is_first: whether it is the side that has the odd plies.
    """
    own = [ply for ply in review.plies if ply.ply % 2 == is_first and ply.scores is not None]
    counted = [ply for ply in own if ply.scores is not None and is_choice(ply.ply, ply.scores)]
    return Share(len(counted), sum(ply.verdict in _BEST for ply in counted))
