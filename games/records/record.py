"""A game on paper: the file that people take along."""

from typing import Any

import msgspec

from games.game.live import LiveGame
from games.protocol import timestamp
from games.rules.board import COLUMNS, ROWS

_DISC_MARKS = ".XO"
"""An empty cell, a disc of whoever moved first, a disc of the other."""


def json_record(live: LiveGame) -> dict[str, Any]:
    """The game as JSON, with `playedAt`: when each move was played.

    Args:
        live: the game, in any state.
    """
    return {**msgspec.to_builtins(live.as_json_object()), "playedAt": [timestamp(time) for time in live.played_at]}


def text_record(live: LiveGame) -> str:
    """The game as text: who and when, every move with its time, the board as it stands.

    Args:
        live: the game, in any state.
    """
    return "\n".join([*_head(live), "", *_moves(live), "", *_board(live), ""])


def _head(live: LiveGame) -> list[str]:
    game = live.as_json_object()
    facts = [
        ("Game", game.id),
        ("Participant 1", game.participant1),
        ("Participant 2", game.participant2 or "nobody"),
        ("First move", f"participant {game.first_move}"),
        ("State", game.state),
        ("Outcome", _outcome(live)),
        ("Created", game.create_time),
        ("Started", game.start_time or "-"),
        ("Ended", game.end_time or "-"),
        ("Notation", game.notation or "-"),
    ]
    return [f"{name + ':':<15}{value}" for name, value in facts]


def _outcome(live: LiveGame) -> str:
    if live.outcome is None:
        return "-"
    reason = live.outcome.reason.replace("_", " ")
    return f"no winner, {reason}" if live.outcome.winner is None else f"participant {live.outcome.winner} won, {reason}"


def _moves(live: LiveGame) -> list[str]:
    names = {1: live.participant1.name, 2: live.participant2.name if live.participant2 else ""}
    return [
        f"{ply:>2}. {names[live.mover_of(ply)]:<20} {column + 1}  {timestamp(played_at)}"
        for ply, (column, played_at) in enumerate(zip(live.columns, live.played_at, strict=True), start=1)
    ]


def _board(live: LiveGame) -> list[str]:
    rows = [
        " ".join(_DISC_MARKS[live.position.disc_at(column, row)] for column in range(COLUMNS))
        for row in reversed(range(ROWS))
    ]
    return [*rows, " ".join(str(column + 1) for column in range(COLUMNS))]
