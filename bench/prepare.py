"""Makes games in progress between signed-in players in Fourline's own database, and prints them as a plan.

Run as `python -m bench.prepare --games N [--clocked]`, with the environment of the server that will play them. It
writes to the tables directly, because it makes thousands at once before anyone connects; no live game is changed by it.
"""

import argparse
import os
from datetime import timedelta

import django

INITIAL_SECONDS = 3600
"""Of games with clocks."""
BEGIN_IN = timedelta(hours=1)
"""Games with clocks begin so much later by their log: none may end while it waits for its first move."""


def main(count: int, is_clocked: bool) -> None:
    """Make so many games, and the players where there are none yet; print two lines a game, `PATH COOKIE`."""
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
    if not Player.objects.exists():
        names = [Player(user_id=pk, name=f"bench-{pk}") for pk, _ in users]
        Player.objects.bulk_create(names, batch_size=500)
    made, now = Game.objects.count(), timezone.now()
    pairs = [(users[2 * i % len(users)][0], users[(2 * i + 1) % len(users)][0]) for i in range(made, made + count)]
    taken = set(Game.objects.values_list("pk", flat=True))
    ids: set[str] = set()
    while len(ids) < count:  # of many thousands two may be drawn alike
        ids |= {new_game_id()} - taken
    games = [
        Game(id=game_id, participant1_id=first, participant2_id=second, state=State.IN_PROGRESS,
             create_time=now, start_time=now)
        for game_id, (first, second) in zip(ids, pairs, strict=True)
    ]  # fmt: skip
    for game in games if is_clocked else ():
        game.initial, game.increment, game.start_time = INITIAL_SECONDS, 0, now + BEGIN_IN
        game.due_at = game.start_time
    Game.objects.bulk_create(games, batch_size=500)
    Change.objects.bulk_create([change for game in games for change in log_of(game, [])], batch_size=2000)
    print_plan([game.id for game in games], [cookie for _, cookie in users], paired_from=made)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, required=True)
    parser.add_argument("--clocked", action="store_true")
    asked = parser.parse_args()
    main(asked.games, asked.clocked)
