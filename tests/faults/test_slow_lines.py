"""Clocks over slow lines, and clients that say more of them than is true."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from games.models import Game
from games.rules.time_controls import Countdown
from tests.support.journals import locked_by_another_process
from tests.support.people import Person, person
from tests.support.servers import running
from tests.support.slow_line import SlowLine
from tests.support.stored_games import FULL_BOARD, store_game
from tests.support.stores import database
from tests.support.wire import Client

EACH_WAY_S = 0.15
THOUGHT_S = 0.1
"""Seconds that the slow side thinks about a move."""
MOVES = 20
"""Of the side whose clock is looked at."""
CONTROL = Countdown(60, 0)


async def hear_ply(client: Client, ply: int) -> dict[str, Any]:
    """The announcement of a ply."""
    while True:
        message = await client.hear("move_played", "error")
        assert message["type"] == "move_played", message
        if message["ply"] == ply:
            return message


async def left_after(game: Game, first: Client, second: Client, **says: Any) -> tuple[int, int]:
    """What participant 1 has left after 20 moves of a second's tenth each, and its last charge."""
    async with first, second:
        move: dict[str, Any] = {}
        for ply, digit in enumerate(FULL_BOARD[: 2 * MOVES - 1], start=1):
            mover = first if ply % 2 else second
            if ply > 1:
                await hear_ply(mover, ply - 1)
            if mover is first:
                await asyncio.sleep(THOUGHT_S)
            await mover.say("play_move", column=int(digit) - 1, ply=ply, **(says if mover is first else {}))
        move = await hear_ply(first, 2 * MOVES - 1)
        return move["clock"]["remainingMs"][0], move["moveMs"]


@pytest.mark.alone("measures what clients have left on their clocks")
def test_a_slow_line_costs_little_and_a_lie_gains_no_more_than_the_quota(tmp_path: Path, sqlite_url: str) -> None:
    with database(sqlite_url):
        alice, bob = person("alice"), person("bob")
        games = [store_game(alice.player, bob.player, initial=60, increment=0, start_time=timezone.now())
                 for _ in range(3)]  # fmt: skip
        with running("uvicorn", tmp_path, DATABASE_URL=sqlite_url, PLAYER_MESSAGES_PER_20_S="1000") as server:

            async def play() -> list[tuple[int, int]]:
                async with SlowLine(server.port, EACH_WAY_S) as line:

                    def at(who: Person, url: str, game: Game) -> Client:
                        return Client(url, f"/ws/games/{game.pk}/", who.session)

                    honest, silent, lying = games
                    return await asyncio.gather(
                        left_after(honest, at(alice, line.ws_url, honest), at(bob, server.ws_url, honest),
                                   moveTimeMs=round(1000 * THOUGHT_S)),
                        left_after(silent, at(alice, line.ws_url, silent), at(bob, server.ws_url, silent)),
                        left_after(lying, at(alice, line.ws_url, lying), at(bob, server.ws_url, lying), moveTimeMs=0),
                    )  # fmt: skip

            honest, silent, lying = asyncio.run(play())
    thought_ms = round((MOVES - 1) * THOUGHT_S * 1000)
    # At most a second more than what was thought, over 20 moves. Who says 0 loses nothing at all, within the quota.
    assert 60_000 - thought_ms - 1000 <= honest[0] <= 60_000 - thought_ms + 200
    # Without a word of the client the line is known by the server's own pings, from the first of them on.
    assert silent[0] >= 60_000 - thought_ms - 2 * round(1000 * EACH_WAY_S) * 3 - 1000
    quota_ms = 3 * CONTROL.gain_ms + MOVES * CONTROL.gain_ms
    taken_ms = (MOVES - 1) * round(1000 * (THOUGHT_S + 2 * EACH_WAY_S))
    assert lying[0] <= 60_000 - taken_ms + quota_ms
    assert silent[1] < 1000 * THOUGHT_S + 150


HELD_S = 1.6
"""Seconds for which the store takes nothing; a command is given up after two."""


async def hold_up(first: Client, second: Client) -> tuple[int, float]:
    """Participant 1 gives time, which is slow, and moves right behind; what the move was charged, and in how many
    milliseconds it could not have been made."""
    for ply, mover in enumerate((first, second, first, second), start=1):
        await mover.play(ply % 2, ply)
    while (await first.hear("move_played"))["ply"] != 4:
        pass
    with locked_by_another_process():
        await first.say("add_time", id="slow")
        await first.say("play_move", column=5, ply=5)
        began = time.monotonic()
        await asyncio.sleep(HELD_S)
        held_ms = 1000 * (time.monotonic() - began)
    move = await first.hear("move_played", "error")
    assert move["type"] == "move_played", move
    return move["moveMs"], held_ms


def test_a_move_behind_ones_own_slow_command_counts_from_when_it_came(tmp_path: Path, sqlite_url: str) -> None:
    with database(sqlite_url):
        alice, bob = person("alice"), person("bob")
        game = store_game(alice.player, bob.player, initial=600, increment=0, start_time=timezone.now())
        with running("uvicorn", tmp_path, DATABASE_URL=sqlite_url) as server:

            async def play() -> tuple[int, float]:
                path = f"/ws/games/{game.pk}/"
                first = Client(server.ws_url, path, alice.session)
                async with first, Client(server.ws_url, path, bob.session) as second:
                    return await hold_up(first, second)

            charged_ms, held_ms = asyncio.run(play())
    assert charged_ms < held_ms - 300
