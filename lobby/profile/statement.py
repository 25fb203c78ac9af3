"""All that a player's page shows, in one statement: the person, counts, last games with boards, ratings and their way.

What is read is bounded, however much somebody has played, and comes through indexes. JSON carries the lists: SQLite and
PostgreSQL have the same functions under two names.
"""

import json
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from django.db import connection

MOST: Final = 1000
"""Games of each seat that are counted: the newest."""
LAST: Final = 8
"""Games that are shown."""
MOST_AT_ONCE: Final = 100
"""Unfinished games of each seat among which the one being played is looked for."""
MOST_RATED: Final = 2000
"""Rated games whose ratings are drawn: the newest."""


class Found(NamedTuple):
    """What the statement gives: the person's columns, then lists of lists.

    Attributes:
        seats: how many games were counted of each seat.
        counts: of public games that have begun: seat, initial, increment, days, state, winner, reason, and how many.
        last: of the newest games: what `lobby.profile.players` makes a row of, with the log as the last.
        ratings: speed, rating, deviation, games.
        changes: of each rated game: speed, time, rating after it; the newest first.
        playing: the ID of the public game that is being played.
        is_blocked: whether who looks has blocked this person.
        is_hidden: whether who looks sees no lines of this person's.
    """

    player_id: int
    username: str
    date_joined: datetime
    name: str | None
    computer: int | None
    guest: bool
    bot: bool
    seats: list[int]
    counts: list[list[Any]]
    last: list[list[Any]]
    ratings: list[list[Any]]
    changes: list[list[Any]]
    playing: str | None
    is_blocked: bool
    is_hidden: bool


def read(name: str, viewer_id: int | None, live_since: datetime) -> Found | None:
    """Read a player's page.

    Args:
        name: a user name, in any case.
        viewer_id: who looks; None for somebody who is not signed in.
        live_since: when the last move of an untimed game that is being played was made at the earliest.
    """
    values: dict[str, Any] = {
        "name": name.lower(), "viewer": viewer_id or 0, "most": MOST, "last": LAST, "at_once": MOST_AT_ONCE,
        "rated": MOST_RATED, "since": connection.ops.adapt_datetimefield_value(live_since),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_on(connection.vendor), values)
        row = cursor.fetchone()
    if row is None:
        return None
    found = Found._make(row)
    lists: dict[str, Any] = {name: _list(getattr(found, name)) for name in _LISTS}
    return found._replace(
        date_joined=time_of(found.date_joined), guest=bool(found.guest), bot=bool(found.bot),
        is_blocked=bool(found.is_blocked), is_hidden=bool(found.is_hidden), **lists,
    )  # fmt: skip


_LISTS: Final = ("seats", "counts", "last", "ratings", "changes")


def time_of(stored: "str | datetime") -> datetime:
    """A time as a driver, or JSON, has it."""
    at = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _list(found: Any) -> list[Any]:
    """A list as a driver gives it: text or parsed, null for none."""
    return (json.loads(found) if isinstance(found, str) else found) or []


def _on(vendor: str) -> str:
    row, rows = ("json_build_array", "json_agg") if vendor == "postgresql" else ("json_array", "json_group_array")
    return _STATEMENT.replace("JSON_ROWS", rows).replace("JSON_ROW", row)


_GAMES = """
    SELECT * FROM (
        SELECT SEAT AS seat, id, create_time, participant1_id, participant2_id, first_move, state, visibility, winner,
               reason, initial, increment, days_per_move
        FROM games_game WHERE participantSEAT_id = (SELECT id FROM person)
        ORDER BY create_time DESC LIMIT %(most)s
    ) AS seatSEAT"""
_UNFINISHED = """
    SELECT * FROM (
        SELECT id, create_time, state, visibility, initial
        FROM games_game WHERE participantSEAT_id = (SELECT id FROM person) AND NOT (state = 'finished')
        LIMIT %(at_once)s
    ) AS unfinishedSEAT"""


def _both(select: str) -> str:
    return f"{select.replace('SEAT', '1')} UNION ALL {select.replace('SEAT', '2')}"


_STATEMENT: Final = f"""
WITH person AS (
    SELECT account.id, account.username, account.date_joined, player.name, player.computer, player.guest, player.bot
    FROM lobby_user AS account LEFT JOIN games_player AS player ON player.user_id = account.id
    WHERE LOWER(account.username) = %(name)s
), game AS ({_both(_GAMES)}
), shown AS (
    SELECT * FROM game WHERE participant2_id IS NOT NULL AND reason <> 'aborted' AND visibility = 'public'
)
SELECT person.*,
    (SELECT JSON_ROWS(games) FROM (SELECT COUNT(*) AS games FROM game GROUP BY seat) AS counted),
    (SELECT JSON_ROWS(JSON_ROW(seat, initial, increment, days_per_move, state, winner, reason, games)) FROM (
        SELECT seat, initial, increment, days_per_move, state, winner, reason, COUNT(*) AS games FROM shown
        GROUP BY seat, initial, increment, days_per_move, state, winner, reason
    ) AS alike),
    (SELECT JSON_ROWS(JSON_ROW(
        newest.id, newest.create_time, newest.seat, newest.first_move, newest.state, newest.winner, newest.reason,
        newest.initial, newest.increment, newest.days_per_move, other.user_id, other.name, other.bot,
        (SELECT JSON_ROWS(JSON_ROW(number, kind, "column", body)) FROM games_change WHERE game_id = newest.id)
    )) FROM (SELECT * FROM shown ORDER BY create_time DESC, id LIMIT %(last)s) AS newest JOIN games_player AS other
        ON other.user_id = CASE newest.seat WHEN 1 THEN newest.participant2_id ELSE newest.participant1_id END),
    (SELECT JSON_ROWS(JSON_ROW(speed, rating, deviation, games)) FROM games_rating
        WHERE player_id = (SELECT id FROM person) AND games > 0),
    (SELECT JSON_ROWS(JSON_ROW(speed, at, rating)) FROM (
        SELECT speed, at, rating, id FROM games_ratingchange WHERE player_id = (SELECT id FROM person)
        ORDER BY id DESC LIMIT %(rated)s
    ) AS changes),
    (SELECT id FROM ({_both(_UNFINISHED)}) AS going_on
        WHERE state = 'in-progress' AND visibility = 'public' AND (initial IS NOT NULL OR %(since)s <= (
            SELECT at FROM games_change WHERE game_id = going_on.id ORDER BY number DESC LIMIT 1
        )) ORDER BY create_time DESC LIMIT 1),
    EXISTS(SELECT 1 FROM lobby_block WHERE blocker_id = %(viewer)s AND blocked_id = person.id),
    EXISTS(SELECT 1 FROM chat_hiding WHERE player_id = %(viewer)s AND hidden_id = person.id)
FROM person
"""  # noqa: S608  of constants alone
