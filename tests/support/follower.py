"""A process of ours without a listener, which says what it does: its runtime serves, as in a server.

Takes the games to resign as arguments, GAME:PLAYER. With ``--hold`` it stops for good between a change and what
follows it, or without such a game before its first look, so that it can be killed there.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Sequence
from datetime import datetime

import django

django.setup()

from django.db import connection  # noqa: E402  only after Django is set up

from games.game.changes import Change  # noqa: E402
from games.game.live import LiveGame  # noqa: E402
from games.layers.broadcast import Broadcast  # noqa: E402
from games.protocol import Resign  # noqa: E402
from games.registry import after  # noqa: E402
from games.runtime import Runtime  # noqa: E402

TABLE = "CREATE TABLE follow_up (game varchar(8) PRIMARY KEY, process integer NOT NULL)"
"""What this handler writes down, once for each game that ended."""


class Ended:
    """Writes down who saw to the end of a game."""

    FOLLOWS_MOVES = True

    def __init__(self, broadcast: Broadcast) -> None:
        pass

    def hint(self, game: LiveGame, change: Change) -> Sequence[str]:
        print(f"stored {game.id}", flush=True)
        if "--hold" in sys.argv:
            threading.Event().wait()
        return [game.id] if game.is_finished else ()

    def pending(self, now: datetime, most: int) -> Sequence[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM games_game WHERE state = 'finished' AND id NOT IN (SELECT game FROM follow_up)"
                " ORDER BY end_time LIMIT %s",
                [most],
            )
            return [game for (game,) in cursor.fetchall()]

    def do(self, work: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO follow_up VALUES (%s, %s) ON CONFLICT DO NOTHING", [work, os.getpid()])
            if cursor.rowcount == 1:
                print(f"did {work}", flush=True)


async def serve() -> None:
    """Live until killed."""
    runtime = Runtime.open()
    runtime.serve()
    print("ready", flush=True)
    for order in sys.argv[1:]:
        if ":" in order:
            game, player = order.split(":")
            await runtime.registry.run(game, int(player), Resign())
    if "--hold" in sys.argv:
        threading.Event().wait()
    await asyncio.Event().wait()


if __name__ == "__main__":
    after.register(Ended)
    asyncio.run(serve())
