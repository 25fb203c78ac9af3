"""A game as JSON or as text, for a file to download."""

from typing import Any

import msgspec

from games.game.live import LiveGame
from games.game.standing import Disc
from games.protocol import timestamp
from games.records.words import acts_of, mover_in_words, outcome_in_words, pace_in_words, picture_of


def json_record(live: LiveGame) -> dict[str, Any]:
    """The game as JSON, with when each move was played (`playedAt`), what it cost (`moveMs`), what participants 1 and 2
    had left after it (`remainingMs`), and what participants did besides moving (`acts`).

    Args:
        live: the game, in any state.
    """
    acts = [
        {"kind": act.kind, "participant": act.seat, "afterPly": ply, "at": timestamp(act.at)}
        for ply, act in acts_of(live)
    ]
    return {**msgspec.to_builtins(live.as_json_object()), **times_of(live), "acts": acts}


def times_of(live: LiveGame) -> dict[str, list[Any]]:
    """For each ply on the board when it was played, what it cost, and what participants 1 and 2 had left after it.

    Args:
        live: the game, in any state.
    """
    times = [disc.time for disc in live.discs]
    return {
        "playedAt": [timestamp(time) for time in live.played_at],
        "moveMs": [None if time is None else time.charged_ms for time in times],
        "remainingMs": [None if time is None else list(time.left_ms) for time in times],
    }


def text_record(live: LiveGame) -> str:
    """The game as text: who and when, every move with its time, the board as it stands.

    Args:
        live: the game, in any state.
    """
    return "\n".join([*_head(live), "", *_moves(live), "", *picture_of(live.position, ".XO"), ""])


def _head(live: LiveGame) -> list[str]:
    game = live.as_json_object()
    facts = [
        ("Game", game.id),
        ("Participant 1", game.participant1),
        ("Participant 2", game.participant2 or "nobody"),
        ("First move", f"participant {game.first_move}"),
        ("Time control", pace_in_words(live.time_control)),
        ("State", game.state),
        ("Outcome", _outcome(live)),
        ("Series", _series(live)),
        ("Created", game.create_time),
        ("Started", game.start_time or "-"),
        ("Ended", game.end_time or "-"),
        ("Notation", game.notation or "-"),
    ]
    return [f"{name + ':':<15}{value}" for name, value in facts]


def _outcome(live: LiveGame) -> str:
    if live.outcome is None:
        return "-"
    winner = f"participant {live.outcome.winner}" if live.outcome.winner else None
    return outcome_in_words(winner, live.outcome.reason, ", ")


def _series(live: LiveGame) -> str:
    """Its place and the points so far, such as "game 3 of ZK0W1V, 1.5 to 0.5"."""
    first, second = (f"{points / 2:g}" for points in live.series.points(live.outcome))
    return f"game {live.series.number} of {live.series.id}, {first} to {second}"


def _time(disc: Disc) -> str:
    """What a disc of a timed game cost, and what its mover had left: "  took 0:02.100, left 0:57.900"."""
    if disc.time is None or disc.seat is None:
        return ""
    return f"  took {_minutes(disc.time.charged_ms)}, left {_minutes(disc.time.left_ms[disc.seat - 1])}"


def _minutes(duration_ms: int) -> str:
    seconds, ms = divmod(duration_ms, 1000)
    return f"{seconds // 60}:{seconds % 60:02}.{ms:03}"


def _moves(live: LiveGame) -> list[str]:
    names = {1: live.participant1.name, 2: live.participant2.name if live.participant2 else ""}
    lines = [
        (ply, f"{ply:>2}. {mover_in_words(live, ply):<20} {disc.column + 1}  {timestamp(disc.at)}{_time(disc)}")
        for ply, disc in enumerate(live.discs, start=1)
    ]
    lines += [(ply, f"    {names[act.seat or 1]} {act.WORDS}, {timestamp(act.at)}") for ply, act in acts_of(live)]
    return [line for _, line in sorted(lines, key=lambda line: line[0])]
