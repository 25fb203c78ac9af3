"""The engine: what is known of Connect Four, deadlines, and a book or a library that is missing."""

import subprocess
import sys
import threading
import time
from pathlib import Path
from random import Random

import pytest

from bench.engine import sensible_game
from games.computer.solver.book import BookUnusable, check_book
from games.computer.solver.engine import DeadlineExceeded, Engine, EngineUnavailable
from games.computer.words import last_ply, result
from games.rules.board import ColumnFull, GameOver, NoSuchColumn
from tests.support.books import FAULTS, broken_book

HARD = [3, 2, 6]
"""A position that takes a fresh engine 0.1 s or more."""


def test_the_start_is_won_with_the_41st_disc(engine: Engine) -> None:
    scores = engine.score_columns([])
    assert scores == (-2, -1, 0, 1, 0, -1, -2)
    assert last_ply(1, 0) == 41
    assert result(1, 0) == "wins with move 41"


def test_a_full_column_has_no_score(engine: Engine) -> None:
    assert engine.score_columns([int(c) - 1 for c in "44444475757777321111"]) == (-5, -3, 1, None, -5, -10, None)


def test_a_win_at_once_scores_all_discs_in_hand(engine: Engine) -> None:
    assert engine.score_columns([3, 2, 3, 2, 3, 2])[3] == 18  # 21 discs, three played, one wins: 17 in hand


def test_the_last_disc(engine: Engine) -> None:
    random = Random(3)
    game = next(columns for columns in iter(lambda: sensible_game(random), None) if len(columns) == 42)
    assert [score for score in engine.score_columns(game[:41]) if score is not None] in ([0], [1])


def test_a_game_is_scored_from_a_ply_on(engine: Engine) -> None:
    columns = sensible_game(Random(5))
    whole = engine.score_game(columns)
    assert len(whole) == len(columns)
    assert engine.score_game(columns, from_ply=5) == whole[4:]
    assert whole[9] == engine.score_columns(columns[:9])
    assert engine.score_game([]) == []


@pytest.mark.parametrize(
    ("columns", "refusal"),
    [([0, 7], NoSuchColumn), ([-1], NoSuchColumn), ([2] * 7, ColumnFull), ([3, 2, 3, 2, 3, 2, 3, 2], GameOver)],
)
def test_what_is_no_game_is_refused(engine: Engine, columns: list[int], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        engine.score_columns(columns)
    with pytest.raises(refusal):
        engine.score_game(columns)


def test_a_game_that_is_over_has_nothing_to_score(engine: Engine) -> None:
    with pytest.raises(GameOver):
        engine.score_columns([3, 2, 3, 2, 3, 2, 3])


def test_a_deadline_stops_it_and_the_next_question_is_answered() -> None:
    engine = Engine()
    for _ in range(3):
        with pytest.raises(DeadlineExceeded):
            engine.score_columns(HARD, seconds=0.001)
        assert engine.score_columns([3, 3, 2, 4, 2]) == (-4, -2, 4, 1, -4, -4, -4)
    assert engine.score_columns(HARD, seconds=60) == engine.score_columns(HARD)


def test_other_threads_run_while_it_computes() -> None:
    engine, ticks, is_done = Engine(), 0, threading.Event()
    thread = threading.Thread(target=lambda: (engine.score_game([3, 2, 6, 0, 5, 1]), is_done.set()))
    thread.start()
    while not is_done.is_set():
        time.sleep(0.001)
        ticks += 1
    thread.join()
    assert ticks > 10


@pytest.mark.parametrize(("kind", "says"), FAULTS.items())
def test_without_a_good_book_it_scores_from_twelve_discs_on(
    tmp_path: Path, engine: Engine, kind: str, says: str
) -> None:
    path = broken_book(tmp_path, kind)
    with pytest.raises(BookUnusable, match=says):
        check_book(path)
    without = Engine(path)
    assert says in without.lacks
    columns = sensible_game(Random(8))
    with pytest.raises(EngineUnavailable, match=says):
        without.score_columns(columns[:11])
    with pytest.raises(EngineUnavailable, match=says):
        without.score_game(columns)
    assert without.score_columns(columns[:20]) == engine.score_columns(columns[:20])
    assert without.score_game(columns, from_ply=14) == engine.score_game(columns, from_ply=14)


def test_the_book_is_read_where_it_cannot_be_mapped(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    monkeypatch.setattr("games.computer.solver.machine.sys.platform", "win32")
    assert Engine().score_columns([3, 3, 2]) == engine.score_columns([3, 3, 2])


@pytest.mark.parametrize("package", ["wasmtime", "bitbully_databases"])
def test_a_missing_package_is_named(package: str) -> None:
    """In a process of its own, in which the package can't be imported."""
    program = (
        "import sys, importlib.util as u\n"
        f"sys.modules[{package!r}] = None\n"
        "find = u.find_spec\n"
        "import games.computer.solver.book as book\n"
        f"book.find_spec = lambda name: None if name == {package!r} else find(name)\n"
        "from games.computer.solver.engine import Engine, EngineUnavailable\n"
        "try: print(Engine().lacks)\n"
        "except EngineUnavailable as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert package.replace("_", "-") in done.stdout
    assert "not installed" in done.stdout


@pytest.mark.parametrize("error", ["RuntimeError('unsupported architecture')", "OSError('no such library')"])
def test_a_platform_without_wasmtime_is_told(tmp_path: Path, error: str) -> None:
    """Its wheel for any platform installs everywhere, and raises one of these where it doesn't work."""
    (tmp_path / "wasmtime.py").write_text(f"raise {error}\n")
    program = (
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n"
        "from games.computer.solver.engine import Engine, EngineUnavailable\n"
        "try: Engine()\n"
        "except EngineUnavailable as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "does not work on this platform" in done.stdout


def test_a_module_that_is_missing_or_damaged_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "solver.wasm"
    monkeypatch.setattr("games.computer.solver.machine.BINARY", module)
    with pytest.raises(EngineUnavailable, match="cannot be read"):
        Engine()
    module.write_bytes(b"\0asm and nothing more")
    with pytest.raises(EngineUnavailable, match="does not take"):
        Engine()


def test_a_process_with_an_engine_needs_less_than_100_mb() -> None:
    program = (
        "import psutil\n"
        "from games.computer.solver.engine import Engine\n"
        "engine = Engine()\n"
        "engine.score_game([3, 2, 6, 0, 5, 1, 3, 3, 4])\n"
        "print(psutil.Process().memory_info().rss)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) <= 100_000_000
