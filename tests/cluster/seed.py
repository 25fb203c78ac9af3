"""Makes people, sessions and games in the database of a cluster: reads orders, prints what it made, in lines of JSON.

Run by `Cluster.seat` in a process of its own, because a test's Django looks at another database. One process serves all
tests of a cluster: to start it takes longer than what it does.
"""

import json
import sys
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402  models load only after Django is set up
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from games.demo.histories import log_of  # noqa: E402
from games.models import Absence, Change, Game, Player  # noqa: E402
from games.rules.ids import new_game_id  # noqa: E402
from games.rules.time_controls import Countdown  # noqa: E402
from tests.support.timed_rows import give_times  # noqa: E402
from tests.support.wire import sign_in  # noqa: E402


def seed(
    games: int,
    notation: str = "",
    state: str = "in-progress",
    offered_by: int | None = None,
    with_sessions: bool = True,
    initial: int | None = None,
    left_ms: tuple[int, int] | None = None,
    away: int | None = None,
) -> list[Any]:
    """Make games with two people each.

    Args:
        games: how many.
        notation: the moves already played in each.
        state: ``in-progress``, ``waiting`` (without participant 2), or ``finished`` (participant 2 has resigned).
        offered_by: whose offer of a rematch stands.
        with_sessions: whether the people are signed in.
        initial: seconds that each side has; None in untimed games.
        left_ms: what participants 1 and 2 have left after those moves; as much as they began with, unless said.
        away: who left five minutes ago.
    """
    now, users = timezone.now(), get_user_model()
    password = make_password(None)
    names = [f"p{new_game_id()}{number}" for number in range(2 * games)]
    people = users.objects.bulk_create([users(username=name, password=password) for name in names])
    Player.objects.bulk_create([Player(user=user, name=user.username) for user in people])
    sessions = [sign_in(user) if with_sessions else "" for user in people]
    persons = [
        {"player_id": user.pk, "name": user.username, "session": session}
        for user, session in zip(people, sessions, strict=True)
    ]
    pairs = list(zip(persons[::2], persons[1::2], strict=True))
    rows = [_game(pair, state, now) for pair in pairs]
    logs = [log_of(row, [(int(digit) - 1, now) for digit in notation]) for row in rows]
    if initial is not None:
        for row, log in zip(rows, logs, strict=True):
            give_times(row, log, Countdown(initial, 0), left_ms or (initial * 1000, initial * 1000))
    Game.objects.bulk_create(rows)
    if away is not None:
        Absence.objects.bulk_create(Absence(game=row, seat=away, since=now - timedelta(minutes=5)) for row in rows)
    if offered_by is not None:
        for row, log in zip(rows, logs, strict=True):
            log.append(Change(game=row, number=len(log) + 1, kind="rematch_offer", seat=offered_by, at=now))
    Change.objects.bulk_create(change for log in logs for change in log)
    return [{"game": row.pk, "people": pair} for row, pair in zip(rows, pairs, strict=True)]


def _game(pair: tuple[Any, Any], state: str, now: Any) -> Game:
    row = Game(id=new_game_id(), participant1_id=pair[0]["player_id"], create_time=now - timedelta(seconds=9))
    if state != "waiting":
        row.participant2_id, row.start_time, row.state = pair[1]["player_id"], now - timedelta(seconds=5), "in-progress"
    if state == "finished":
        row.state, row.reason, row.winner, row.end_time = "finished", "resignation", 1, now
    return row


if __name__ == "__main__":
    for line in sys.stdin:
        made = seed(**json.loads(line))
        connection.close()
        connection.close_pool()  # PostgreSQL may be restarted before the next order
        print(json.dumps(made), flush=True)
