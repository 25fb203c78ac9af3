"""A game's log: its changes as rows, and rows as changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from games.game.changes import CHANGES, Drop, GameChange
from games.game.live import LoggedChange
from games.game.standing import MoveTime

_COLUMNS = frozenset({"game_id", "number", "at", "seat", "column"})
_KIND_AND_BODY = {
    change: (kind, tuple(name for name in change.__struct_fields__ if name not in _COLUMNS | change.IN_GAME))
    for kind, change in CHANGES.items()
}
"""For each kind the fields that the table has no column for."""


class _NamedTime(msgspec.Struct):
    """A `MoveTime` as rows had it at first, with names: longer by two thirds, which the database's writer felt."""

    charged_ms: int
    compensation_ms: int
    gain_ms: int
    left_ms: tuple[int, int]


class _NamedBody(msgspec.Struct):
    time: _NamedTime


_encoder = msgspec.json.Encoder()
_times = msgspec.json.Decoder(MoveTime)
_named_bodies = msgspec.json.Decoder(_NamedBody)


class Row(NamedTuple):
    """A row of the log, as the columns have it."""

    game_id: str
    number: int
    kind: str
    seat: int | None
    column: int | None
    at: datetime
    body: str
    """All else that the change says, as JSON; empty where there is nothing."""


def row_of(change: LoggedChange) -> Row:
    """A change as a row."""
    kind, names = _KIND_AND_BODY[type(change)]
    if isinstance(change, Drop):
        # As most are, and quickly.
        body = "" if change.time is None else _encoder.encode(change.time).decode()
        return Row(change.game_id, change.number, kind, change.seat, change.column, change.at, body)
    return Row(change.game_id, change.number, kind, change.seat, None, change.at, _body(change, names))


def _body(change: LoggedChange, names: tuple[str, ...]) -> str:
    # A start without an opening has no body, as no start had before there were openings.
    body = {name: value for name in names if (value := getattr(change, name)) != ""}
    return msgspec.json.encode(body).decode() if body else ""


def change_of(row: Row, in_game: Mapping[str, object]) -> GameChange:
    """A row as the change that it was.

    Args:
        in_game: what the game's own row says, by the names of fields: ``participant``, the second, and ``note``.

    Raises:
        ValueError: the row is none of ours; somebody has written it by hand.
    """
    if row.kind not in CHANGES:
        raise ValueError(f"change {row.number} is of an unknown kind {row.kind!r}")
    try:
        return _change_of(row, in_game)
    except msgspec.MsgspecError as error:
        raise ValueError(f"change {row.number} can't be read: {error}") from None


def _change_of(row: Row, in_game: Mapping[str, object]) -> GameChange:
    if row.kind == "move" and row.column is not None:  # as most are, and quickly
        time = _time_of(row.body)
        return Drop(game_id=row.game_id, number=row.number, at=row.at, seat=row.seat, column=row.column, time=time)
    kind = CHANGES[row.kind]
    fields: dict[str, object] = {name: in_game[name] for name in kind.IN_GAME & in_game.keys()}
    fields |= {"kind": row.kind, "game_id": row.game_id, "number": row.number, "at": row.at, "seat": row.seat}
    if row.column is not None:
        fields["column"] = row.column
    body = msgspec.json.decode(row.body, type=dict[str, object]) if row.body else {}
    change: GameChange = msgspec.convert({**fields, **body}, kind)
    return change


def _time_of(body: str) -> MoveTime | None:
    if not body:
        return None
    if body.startswith("["):
        return _times.decode(body)
    return MoveTime(*msgspec.structs.astuple(_named_bodies.decode(body).time))
