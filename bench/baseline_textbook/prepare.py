"""Makes its games and players: `python -m bench.baseline_textbook.prepare --games N` prints them as a plan."""

import argparse
import os

import django


def main(count: int) -> None:
    """Make so many games, and the players where there are none yet; print two lines a game, `PATH COOKIE`."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.baseline_textbook.settings"
    django.setup()
    from django.core.management import call_command

    from bench.baseline_textbook.models import Game
    from bench.sessions import print_plan, signed_in_users

    call_command("migrate", run_syncdb=True, verbosity=0)
    users = signed_in_users()
    made = Game.objects.count()
    pairs = [(users[2 * i % len(users)][0], users[(2 * i + 1) % len(users)][0]) for i in range(made, made + count)]
    games = [Game(participant1_id=first, participant2_id=second) for first, second in pairs]
    Game.objects.bulk_create(games, batch_size=500)
    print_plan([f"{game.pk:06d}" for game in games], [cookie for _, cookie in users], paired_from=made)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, required=True)
    main(parser.parse_args().games)
