"""A review as it is shown: the contract's object, for the API and for pages."""

from collections.abc import Sequence
from typing import Any

from games.computer.models import Review
from games.computer.review import Review as Judged
from games.computer.review import ReviewedPly, decode
from games.computer.solver.engine import Scores
from games.computer.words import last_ply
from games.game.live import LiveGame
from games.rules.board import Cell, Position


def stored_review(game: LiveGame) -> Judged | None:
    """The review of a game, if it is done.

    Args:
        game: finished.

    Raises:
        ValueError: what is stored is no review of this game.
    """
    found = Review.objects.done().filter(pk=game.id).values_list("scores", flat=True).first()
    return None if found is None else decode(bytes(found), game.columns)


def as_json(game: LiveGame, judged: Judged) -> dict[str, Any]:
    """The contract's object.

    Args:
        game: reviewed.
        judged: its review.
    """
    return {
        "status": "done",
        "plies": [_ply(ply) for ply in judged.plies],
        "accuracy": list(judged.accuracy(game.first_move)),
        "turningPoint": judged.turning_point,
    }


def over_as_json(line: Sequence[Cell] | None) -> dict[str, Any]:
    """A position in which the game is over, in the form of `position_as_json`.

    Args:
        line: the four in a row that won it; None where the board is full.
    """
    nothing: dict[str, Any] = {"score": None, "best": [], "scores": None, "lastPly": None, "isOver": True}
    return {**nothing, "line": None if line is None else [list(cell) for cell in line]}


def position_as_json(position: Position, scores: Scores) -> dict[str, Any]:
    """A position that is no game's.

    Args:
        position: of which.
        scores: of its columns.
    """
    score = max(score for score in scores if score is not None)
    best = [column for column, each in enumerate(scores) if each == score]
    last = last_ply(score, position.ply_count)
    return {"score": score, "best": best, "scores": list(scores), "lastPly": last, "isOver": False, "line": None}


def _ply(ply: ReviewedPly) -> dict[str, Any]:
    return {
        "ply": ply.ply,
        "score": ply.score,
        "best": ply.best,
        "scores": None if ply.scores is None else list(ply.scores),
        "verdict": ply.verdict,
        "lastPly": None if ply.score is None else last_ply(ply.score, ply.ply - 1),
    }
