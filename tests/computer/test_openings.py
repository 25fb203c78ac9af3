"""The drawn openings: computed again, compared with the list, and with what is published of Connect Four."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from games.computer.openings import all_openings, drawn_openings
from games.computer.solver.engine import Engine
from games.rules.board import Position
from games.rules.openings import DRAWN, PLIES, columns_of, mirrored


def position(opening: str) -> Position:
    return Position.from_columns(columns_of(opening))


def run(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("openings", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_the_list_is_what_the_engine_computes(engine: Engine) -> None:
    assert list(DRAWN) == drawn_openings(engine)


def test_all_positions_after_four_plies_are_looked_at() -> None:
    openings = list(all_openings())
    both = {position(opening) for opening in openings} | {position(mirrored(opening)) for opening in openings}
    assert len(openings) == 568
    assert len(both) == 1120  # OEIS A212693
    assert all(each.ply_count == PLIES for each in both)


def test_openings_are_different_also_in_the_mirror() -> None:
    positions = [{position(opening), position(mirrored(opening))} for opening in DRAWN]
    assert len(set().union(*positions)) == sum(map(len, positions)) == 200
    assert len(DRAWN) == 101


def test_scores_of_drawn_openings(engine: Engine) -> None:
    """Published counts: in 47 of the 101 the side to move has two drawing replies or more, and it never has a win."""
    replies = [engine.score_columns(columns_of(opening)) for opening in DRAWN]
    assert all(max(score for score in scores if score is not None) == 0 for scores in replies)
    assert sum(scores.count(0) > 1 for scores in replies) == 47


def test_the_command_prints_and_verifies_the_list() -> None:
    lines = run()
    assert lines[0].split() == list(DRAWN)
    assert lines[1:] == ["568 up to mirror images: 101 drawn, 349 won, 118 lost.", "The list holds."]


def test_the_command_prints_all() -> None:
    lines = run("--all")
    assert len(lines) == 568 + 2
    assert "1122 +0 draws" in lines
    assert "4444 +1 wins with move 41" in lines


@pytest.mark.parametrize(
    ("listed", "says"), [(DRAWN[1:], "drawn, but not in the list: 1122"), ((*DRAWN, "4444"), "not drawn: 4444")]
)
def test_a_wrong_list_is_an_error(monkeypatch: pytest.MonkeyPatch, listed: tuple[str, ...], says: str) -> None:
    monkeypatch.setattr("games.management.commands.openings.DRAWN", listed)
    with pytest.raises(CommandError, match=says):
        run()


def test_without_a_book_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("games.computer.solver.engine.installed_book", lambda: tmp_path / "none.dat")
    with pytest.raises(CommandError, match=r"none\.dat"):
        run()
