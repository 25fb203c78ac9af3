"""Fills a database with people and rated games, by a few statements that the database works through by itself."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import connection, models

from games.models import Game, Player, Rating
from lobby.models import User

HEAVY: Final = 20
"""People who have played as much as all others together do in `HEAVY_SHARE` of the games; they are measured."""
HEAVY_SHARE: Final = 50
"""One game in so many is one of theirs."""
DAY: Final = 86400
SPAN: Final = timedelta(days=365)
"""All games lie within so much of the past."""
SHOWN: Final = 60
"""Whose pages may be asked for: those with keys up to this. Their games have boards, all others the start alone."""
LOG: Final = "121212212121343434434343"
"""The discs of each game with a board."""


@dataclass(frozen=True)
class Amount:
    """How much there is to be.

    Attributes:
        people: accounts, each with a rating of blitz and of rapid.
        games: finished, every second one rated.
    """

    people: int = 100_000
    games: int = 1_000_000


def fill(amount: Amount) -> None:
    """Fill a database that is migrated and empty.

    Args:
        amount: how much there is to be.
    """
    with connection.cursor() as cursor:
        _hurry(cursor)
        _people(cursor, amount)
        _games(cursor, amount)
        _ratings(cursor, amount)
        cursor.execute("ANALYZE")


def _hurry(cursor: Any) -> None:
    """References are what they are to be, and a run that dies is made again."""
    if _is_postgres():
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")
    else:
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("PRAGMA synchronous = OFF")


def _people(cursor: Any, amount: Amount) -> None:
    joined = _ago("n * 10")
    _insert(cursor, User, amount.people, id="n", username=_name("n"), date_joined=joined, is_active="TRUE")
    _insert(cursor, Player, amount.people, user="n", name=_name("n"))


def _games(cursor: Any, amount: Amount) -> None:
    first = (
        f"CASE WHEN n % {HEAVY_SHARE} = 0 THEN 1 + n / {HEAVY_SHARE} % {HEAVY} ELSE 1 + n * 7919 % {amount.people} END"
    )
    second = f"1 + n * 104729 % {amount.people}"
    at = _ago(_age("n", amount))
    _insert(
        cursor, Game, amount.games, where=f"({first}) <> ({second})", id=_game_id("n"), participant1=first,
        participant2=second, state="'finished'", winner="1 + n % 2", reason="'resignation'", create_time=at,
        start_time=at, end_time=at, initial="60", increment="n % 2", rated="n % 2 = 0", rating1="1500", rating2="1500",
        rating_change1="CASE WHEN n % 2 = 0 THEN 8 END", rating_change2="CASE WHEN n % 2 = 0 THEN -8 END",
        rated_at=at,
    )  # fmt: skip
    column = f"CAST(SUBSTR('{LOG}', CAST(n AS INTEGER), 1) AS INTEGER) - 1"
    cursor.execute(
        'INSERT INTO games_change (game_id, number, kind, seat, "column", at, body) '
        f"SELECT id, n + 1, 'move', 1 + (n - 1) %% 2, {column}, create_time, '' "
        f"FROM games_game, {_numbers(len(LOG))} AS discs "
        f"WHERE {SHOWN} >= participant1_id OR {SHOWN} >= participant2_id",
        [],
    )
    cursor.execute(
        "INSERT INTO games_change (game_id, number, kind, seat, at, body) "
        "SELECT id, 1, 'join', 2, create_time, '' FROM games_game"
    )


def _ratings(cursor: Any, amount: Amount) -> None:
    for speed, factor in (("blitz", 31), ("rapid", 37)):
        _insert(
            cursor, Rating, amount.people, player="n", speed=f"'{speed}'", rating=f"1000.0 + n * {factor} % 1000",
            deviation=f"45.0 + n * {factor} % 200", volatility="0.06", games=f"10 + n % {factor}",
            last_game_at=_ago(f"n * {factor} % {90 * DAY}"),
        )  # fmt: skip
    for seat, sign in ((1, 1), (2, -1)):
        place = f"ROW_NUMBER() OVER (PARTITION BY participant{seat}_id ORDER BY create_time) + {(seat - 1) * 10**6}"
        cursor.execute(
            "INSERT INTO games_ratingchange (game_id, player_id, speed, number, score, at, rating_before, "
            "deviation_before, volatility_before, rating, deviation, volatility) "
            f"SELECT id, participant{seat}_id, 'blitz', {place}, 1, end_time, 1500, 60, 0.06, "
            f"1500 + {sign} * ({place}) % 90, 60, 0.06 FROM games_game WHERE rated"
        )


# --- SQL of both databases ----------------------------------------------------------------------------------------


def _insert(cursor: Any, model: type[models.Model], count: int, where: str = "TRUE", **given: str) -> None:
    """So many rows of a model: expressions of ``n``, which counts from 1, and for all other fields their defaults."""
    fields = [field for field in model._meta.concrete_fields if field.name in given or not field.primary_key]
    defaults: list[Any] = []
    expressions = []
    for field in fields:
        expressions.append(given.get(field.name, "%s"))
        if field.name not in given:
            defaults.append(field.get_db_prep_save(_default(field), connection))
    columns = ", ".join(f'"{field.column}"' for field in fields)
    cursor.execute(
        f'INSERT INTO "{model._meta.db_table}" ({columns}) '
        f"SELECT {', '.join(_escaped(each) for each in expressions)} FROM {_numbers(count)} AS numbers "
        f"WHERE {_escaped(where)}",
        defaults,
    )


def _escaped(expression: str) -> str:
    return expression if expression == "%s" else expression.replace("%", "%%")


def _default(field: "models.Field[Any, Any]") -> Any:
    if field.has_default():
        return field.get_default()
    return None if field.null else ""


def _is_postgres() -> bool:
    return connection.vendor == "postgresql"


def _numbers(count: int) -> str:
    """A table of the numbers from 1 on, in the column ``n``."""
    if _is_postgres():
        return f"(SELECT generate_series(1::bigint, {count}::bigint) AS n)"
    counted = f"counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {count})"
    return f"(WITH RECURSIVE {counted} SELECT n FROM counted)"


def _ago(seconds: str) -> str:
    """So many seconds before now."""
    if _is_postgres():
        return f"now() - ({seconds}) * interval '1 second'"
    return f"strftime('%Y-%m-%d %H:%M:%S', 'now', '-' || ({seconds}) || ' seconds')"


def _age(number: str, amount: Amount) -> str:
    """Seconds since a game; the higher its number, the newer."""
    return f"({amount.games} - {number}) * {round(SPAN.total_seconds())} / {amount.games}"


def _name(number: str) -> str:
    return f"'player-' || ({number})"


def _game_id(number: str) -> str:
    return f"CAST(10000000 + {number} AS TEXT)"
