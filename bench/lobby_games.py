"""Fills a database for `bench.lobbies`: `python -m bench.lobby_games WAITING PLAYING`, with the server's environment.

All of them stay listed for an hour without anybody being connected: creators were last seen, and moves played, in an
hour's time. The last two lines that it prints are the players of a new game, `PATH COOKIE`.
"""

import os
import sys
from datetime import timedelta

import django

RECENT = 5
"""One game in so many began within the last ten minutes; the others are in the list by their last move."""


def main(waiting: int, playing: int) -> None:
    """Make so many games, and the players."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from bench.sessions import print_plan, signed_in_users
    from games.demo.histories import log_of
    from games.models import Change, Game, Player
    from games.protocol import State
    from games.rules.ids import new_game_id

    call_command("migrate", verbosity=0)
    users = signed_in_users()
    now = timezone.now()
    later = now + timedelta(hours=1)
    people = [Player(user_id=pk, name=f"bench-{pk}", seen_at=later) for pk, _ in users]
    Player.objects.bulk_create(people, batch_size=500)
    ids: set[str] = set()
    while len(ids) < waiting + playing + 1:  # of so many two may well be the same
        ids.add(new_game_id())
    waits = [
        Game(id=ids.pop(), participant1_id=users[n % len(users)][0], create_time=now - timedelta(seconds=n))
        for n in range(waiting)
    ]

    def being_played(number: int) -> Game:
        start = now - timedelta(minutes=0 if number % RECENT == 0 else 30, seconds=number % 500)
        first, second = users[(2 * number) % len(users)][0], users[(2 * number + 1) % len(users)][0]
        return Game(id=ids.pop(), participant1_id=first, participant2_id=second, state=State.IN_PROGRESS,
                    create_time=start, start_time=start)  # fmt: skip

    plays = [being_played(number) for number in range(playing)]
    newest = being_played(0)
    newest.start_time = now + timedelta(seconds=1)
    Game.objects.bulk_create([*waits, *plays, newest], batch_size=500)
    logs = [log_of(game, [(1, later), (2, later)]) for game in plays] + [log_of(newest, [])]
    Change.objects.bulk_create([change for log in logs for change in log], batch_size=2000)
    print_plan([newest.id], [cookie for _, cookie in users], paired_from=0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
