"""Chosen games as a file: JSON for programs, CSV for spreadsheets."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from games.game.live import LiveGame
from games.models import Game, GameQuerySet
from games.records.record import json_record
from games.rules import board
from games.storage import loading

MOST: Final = 10_000
"""Games in one file; it is made in memory, at about 1 KB a game."""

COLUMNS: Final = (
    "id", "state", "version", "participant1", "participant2", "firstMove", "plies", "notation", "winner", "reason",
    "visibility", "createTime", "startTime", "endTime", "note",
)  # fmt: skip

# What a spreadsheet would compute, or take for a number or a date and so alter: 12E345, a long notation, MARCH1.
_ALTERED: Final = re.compile(
    r"[=+\-@\t\r\n]|0\d+\Z|\d+[.E]\d*\Z|\d{16,}\Z|\d*(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]*\d*\Z",
    re.IGNORECASE,
)


def readable(games: GameQuerySet) -> Iterator[LiveGame | str]:
    """Stored games one after the other.

    Args:
        games: any selection.

    Yields:
        A live game; or the ID of one whose record does not hold.
    """
    row: Game
    for row in games.with_names_and_moves().iterator(chunk_size=500):
        try:
            yield loading.as_live(row)
        except (board.IllegalDrop, ValueError):
            yield row.pk


def as_json(games: Iterable[LiveGame]) -> str:
    """The games as a JSON array; each as the contract writes a game, with `playedAt` and `note`."""
    return json.dumps([{**json_record(game), "note": game.note} for game in games], indent=1)


def as_csv(games: Iterable[LiveGame]) -> str:
    """The games as CSV with a heading.

    Texts that a spreadsheet would compute or alter begin with an apostrophe (OWASP, "CSV Injection").
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([_guarded(value) for value in _row(game)] for game in games)
    return text.getvalue()


def _row(game: LiveGame) -> list[Any]:
    record = json_record(game)
    outcome = record["outcome"] or {}
    more = {
        "plies": len(game.columns), "note": game.note, "winner": outcome.get("winner"), "reason": outcome.get("reason"),
    }  # fmt: skip
    return [{**record, **more}[column] for column in COLUMNS]


def _guarded(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and _ALTERED.match(value) else value


def file_name(count: int, ending: str) -> str:
    """What the file is called.

    Args:
        count: how many games are in it.
        ending: ``json`` or ``csv``.
    """
    return f"fourline-{count}-games.{ending}"
