"""What reviews say, for moderators: the scores beside a game's moves, and how often a person plays a best move."""

from dataclasses import dataclass
from typing import Any, Final

from games.computer.choices import LEAST_LASTING
from games.computer.fairness import refuse_review
from games.computer.review import ReviewedPly, decode
from games.computer.reviews.shown import stored_review
from games.computer.shares import Share, share_of
from games.game.live import LiveGame
from games.models import Game, Player
from games.protocol import GameError
from games.rules.board import IllegalDrop
from games.rules.outcomes import mover_of

RECENT: Final = 100
"""A person's reviewed games that are looked at, the newest."""


def scores_beside(live: LiveGame, asker: int | None) -> list[dict[str, Any]] | None:
    """What to write beside each move of a game.

    Args:
        live: the game.
        asker: whoever looks at it; there is nothing for them while they play a timed game.

    Returns:
        For each ply its verdict, the score of what was played, and what was best with its score, all in words; None
        where the game has no review.
    """
    if not live.is_finished:
        return None
    try:
        refuse_review(asker, live.columns)
        judged = stored_review(live)
    except (GameError, ValueError):
        return None
    return None if judged is None else [_beside(ply) for ply in judged.plies]


def _beside(ply: ReviewedPly) -> dict[str, Any]:
    if ply.scores is None or ply.verdict is None:
        return {"verdict": "opening", "score": "", "best": ""}
    best = ", ".join(str(column + 1) for column in ply.best)
    return {
        "verdict": ply.verdict.value, "score": _signed(ply.scores[ply.column]), "best": f"{best}: {_signed(ply.score)}"
    }  # fmt: skip


def _signed(score: int | None) -> str:
    return "" if score is None else f"{score:+d}" if score else "0"


@dataclass(frozen=True)
class BestMoves:
    """Of one person, over their newest reviewed games."""

    games: int
    share: Share

    def __str__(self) -> str:
        percent = self.share.percent
        if percent is None:
            return "No reviewed game with such a position yet."
        return (
            f"{percent:.0f}%: {self.share.best} of {self.share.plies} in the newest {self.games} reviewed games, where "
            f"{LEAST_LASTING} columns or more did not lose at once. Whoever just wins, blocks and avoids threats plays "
            "about 36%, a solver 100%."
        )


def best_moves_of(player: Player) -> BestMoves:
    """How often a person plays a best move in positions that are not trivial.

    Args:
        player: of either seat.
    """
    games = Game.objects.of(player.pk).filter(review__scores__isnull=False).order_by("-end_time")[:RECENT]
    shares = [_share(game, player) for game in games.select_related("review").prefetch_related("changes")]
    return BestMoves(len(shares), sum(shares, Share()))


def _share(game: Game, player: Player) -> Share:
    """Nothing where the game's rows or its review's bytes don't hold."""
    try:
        judged = decode(bytes(game.review.scores or b""), game.columns)
    except (ValueError, IllegalDrop):
        return Share()
    seat = 1 if game.participant1_id == player.pk else 2
    return share_of(judged, mover_of(1, game.first_move) == seat)
