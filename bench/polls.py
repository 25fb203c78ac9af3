"""What a process asks the store again and again, timed on the database that DATABASE_URL names; for `bench.cluster`.

Prints a line of JSON for each question once ``go`` is read from standard input: how often it was asked, of how much,
and this process's CPU. The database's own is the caller's to count.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.utils import timezone  # noqa: E402  models load only after Django is set up

from games.access import identity  # noqa: E402
from games.models import Game, Player  # noqa: E402
from games.storage import loading  # noqa: E402
from games.storage.database import use_own_connection  # noqa: E402

TIMES = 40
OF = 500


def main() -> None:
    """Ask each question `TIMES` times, as a reader's thread does."""
    use_own_connection()
    games = list(Game.objects.values_list("pk", flat=True)[:OF])
    people = [identity.Identity(pk, name, None, ("", 0)) for pk, name in Player.objects.values_list("pk", "name")[:OF]]
    questions: dict[str, Callable[[], Any]] = {
        "numbers": lambda: loading.numbers(games),
        "ended": lambda: identity.ended(people, timezone.now()),
        "load": lambda: [loading.load(game) for game in games[:20]],
    }
    for ask in questions.values():
        ask()
    for name, ask in questions.items():
        print(json.dumps({"ready": name}), flush=True)
        sys.stdin.readline()
        cpu, started = time.process_time(), time.perf_counter()
        for _ in range(TIMES):
            ask()
        figures = {"cpu": time.process_time() - cpu, "seconds": time.perf_counter() - started}
        count = TIMES * (20 if name == "load" else OF)
        print(json.dumps({"question": name, "count": count, **figures}), flush=True)


if __name__ == "__main__":
    main()
