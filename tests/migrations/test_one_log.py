"""A database of before there was a log of changes, full of games of all kinds: nothing is lost."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from games.game.live import LiveGame
from games.game.series import Series
from games.models import Game, Move
from games.protocol import Rematch
from games.records.verification import check_all, orphans
from games.storage import loading
from tests.support.servers import ROOT
from tests.support.stored_games import ALICE_WINS, FULL_BOARD, LONG_AGO

BEFORE = [("games", "0006_due_games"), ("lobby", "0005_verified_emails")]


def fill(apps: Any) -> dict[str, dict[str, Any]]:
    """Games of all kinds, as the release before stored them; what each has to be afterwards."""
    user_model, player_model = apps.get_model("lobby", "User"), apps.get_model("games", "Player")
    alice, bob = (
        player_model.objects.create(user=user_model.objects.create(username=name, email=f"{name}@x.org"), name=name)
        for name in ("alice", "bob")
    )
    expected: dict[str, dict[str, Any]] = {}

    def add(pk: str, notation: str = "", first_move: int = 1, **fields: Any) -> Any:
        is_waiting = fields.get("participant2", bob) is None
        start = None if is_waiting else fields.pop("start_time", LONG_AGO + timedelta(seconds=9, microseconds=123456))
        row = {"id": pk, "participant1": alice, "participant2": bob, "state": "waiting" if is_waiting else "in-progress",
               "create_time": LONG_AGO, "start_time": start, "first_move": first_move}  # fmt: skip
        end_time = LONG_AGO + timedelta(seconds=10 + len(notation)) if "reason" in fields else None
        if end_time is not None:
            fields |= {"state": "finished", "end_time": end_time}
        game = apps.get_model("games", "Game").objects.create(**{**row, **fields})
        move_model = apps.get_model("games", "Move")
        times = [LONG_AGO + timedelta(seconds=10 + ply) for ply in range(1, len(notation) + 1)]
        move_model.objects.bulk_create(
            move_model(game=game, ply=ply, column=int(digit) - 1, played_at=at)
            for ply, (digit, at) in enumerate(zip(notation, times, strict=True), 1)
        )
        by_a_move = fields.get("reason") in ("four_in_a_row", "board_full")
        version = (start is not None) + len(notation) + (end_time is not None and not by_a_move)
        expected[pk] = {
            "version": version, "notation": notation, "times": times, "state": {**row, **fields}["state"],
            "start": start, "end": end_time, "note": fields.get("note", ""),
            "outcome": (fields.get("winner"), fields["reason"]) if "reason" in fields else None,
            "rematch": Rematch(offered_by=fields.get("rematch_offered_by")), "series": Series(pk),
        }  # fmt: skip
        return game

    add("WA1T01", participant2=None)
    add("WA1T02", participant2=None, visibility="private", first_move=2)
    add("CANCE1", participant2=None, reason="aborted")
    add("P1AY01")
    add("P1AY02", "44352", first_move=2, attended_time=LONG_AGO)
    won = add("W0N001", ALICE_WINS, reason="four_in_a_row", winner=1)
    add("W0N002", "1122334", reason="four_in_a_row", winner=2, first_move=2, rematch_offered_by=1)
    add("DRAWN1", FULL_BOARD, reason="board_full", rematch_offered_by=2)
    add("RES1G1", "4435", reason="resignation", winner=2)
    add("ADJ001", "44", reason="adjudication", winner=1, note='A "solver", in one\'s pocket')
    add("ADJ002", "", reason="adjudication", winner=None, note="Nobody came.")
    add("AB0RT1", "4", reason="aborted", note="A test")
    add("DESERT", "4321", reason="abandonment")
    swapped = {"participant1": bob, "participant2": alice, "create_time": LONG_AGO + timedelta(minutes=1)}
    again = {"start_time": LONG_AGO + timedelta(minutes=1), "rematch_of": won}
    follower = add("REMAT1", "", **swapped, **again)
    expected[won.pk]["rematch"] = Rematch(game=follower.pk)
    expected[follower.pk]["series"] = Series(won.pk, 2, (0, 2))
    return expected


def seen(game: LiveGame) -> dict[str, Any]:
    """What a game has to be, as it is."""
    return {
        "version": game.version, "notation": game.notation, "times": game.played_at, "state": game.state.value,
        "start": game.start_time, "end": game.end_time, "note": game.note,
        "outcome": game.outcome and (game.outcome.winner, game.outcome.reason.value), "rematch": game.rematch,
        "series": game.series,
    }  # fmt: skip


@pytest.fixture
def filled(empty: str) -> dict[str, dict[str, Any]]:
    """The database as the release before left it."""
    executor = MigrationExecutor(connections["default"])
    executor.migrate(BEFORE)
    return fill(executor.loader.project_state(BEFORE).apps)


def test_every_game_is_what_it_was(filled: dict[str, dict[str, Any]]) -> None:
    call_command("migrate", verbosity=0)
    assert {game.id: seen(game) for game in loading.load_all(Game.objects.all())} == filled
    assert [report for report in check_all(timezone.now()) if report.faults] == []
    assert list(orphans()) == []
    times = list(Move.objects.order_by("pk").values_list("at", flat=True))  # the order that the admin shows
    assert times == sorted(times)
    assert len(times) == sum(len(one["notation"]) for one in filled.values())
    assert "games_move" not in connections["default"].introspection.table_names()
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT * FROM games_game")
        assert "rematch_offered_by" not in [column[0] for column in cursor.description]


# --- a stop -----------------------------------------------------------------------------------------------------


@contextmanager
def an_old_process(address: str) -> Iterator[None]:
    """Something that has the database open, as a server of the release before."""
    if not address.startswith("sqlite"):
        with psycopg.connect(address) as server:
            server.execute("SELECT 1")
            yield
        return
    script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA user_version'); print(); input()"
    command = [sys.executable, "-uc", script, address.removeprefix("sqlite:///")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield
        process.communicate(b"\n")


def prepare(address: str) -> "subprocess.CompletedProcess[str]":
    """`manage.py prepare` of this release."""
    env = {**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, str(ROOT / "manage.py"), "prepare"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)


def test_it_is_refused_while_a_process_of_the_release_before_lives(
    empty: str, filled: dict[str, dict[str, Any]]
) -> None:
    connections["default"].close()
    with an_old_process(empty):
        refused = prepare(empty)
        assert (refused.returncode, refused.stdout) == (1, "")
        [line] = refused.stderr.splitlines()
        assert line.startswith("fourline: this upgrade needs a stop")
    assert "games_move" in connections["default"].introspection.table_names()
    connections["default"].close()
    done = prepare(empty)
    assert (done.returncode, done.stderr) == (0, "")
    assert {game.id: seen(game) for game in loading.load_all(Game.objects.all())} == filled
    if empty.startswith("sqlite"):
        with connections["default"].cursor() as cursor:
            cursor.execute("PRAGMA journal_mode")
            assert cursor.fetchone() == ("wal",)
    connections["default"].close()
    with an_old_process(empty):  # nothing needs a stop any more
        assert prepare(empty).returncode == 0
