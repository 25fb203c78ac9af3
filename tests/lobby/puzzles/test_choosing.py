"""The puzzles of a day: three, of public games, once for all, never the same twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from urllib.request import urlopen

import pytest
from django.utils import timezone

from games.computer.models import Review
from games.computer.words import last_ply
from games.models import Game
from lobby.puzzles import choosing
from lobby.puzzles.models import Puzzle
from tests.support.puzzling_games import NOTHING_IN_IT, PUZZLING, mirrored
from tests.support.servers import ServerProcess

pytestmark = pytest.mark.django_db(transaction=True)

Reviewed = Callable[..., Game]

DAY = date(2026, 11, 21)


def test_three_of_three_games_the_easiest_first(reviewed: Reviewed) -> None:
    games = {reviewed(notation).pk for notation in PUZZLING}
    puzzles = choosing.puzzles_of(DAY)
    assert [puzzle.number for puzzle in puzzles] == [1, 2, 3]
    assert len({puzzle.game_id for puzzle in puzzles} & games) == 3
    lasts = [last_ply(puzzle.scores[puzzle.answer], len(puzzle.moves)) - len(puzzle.moves) for puzzle in puzzles]
    assert lasts == sorted(lasts)
    for puzzle in puzzles:
        assert puzzle.game.columns[: len(puzzle.moves)] == puzzle.columns


def test_the_day_keeps_its_puzzles(reviewed: Reviewed) -> None:
    for notation in PUZZLING[:4]:
        reviewed(notation)
    first = choosing.puzzles_of(DAY)
    for notation in PUZZLING[4:]:
        reviewed(notation)
    choosing.forget()
    assert choosing.puzzles_of(DAY) == first


def test_no_position_comes_twice_nor_its_mirror_image(reviewed: Reviewed) -> None:
    for notation in PUZZLING:
        reviewed(notation)
        reviewed(mirrored(notation))
        reviewed(notation)
    found = []
    for days in range(6):
        choosing.forget()
        found += choosing.puzzles_of(DAY + timedelta(days=days))
    assert len(found) > 3
    assert len({puzzle.position for puzzle in found}) == len(found)


def test_games_that_were_played_twice_make_one_puzzle(reviewed: Reviewed) -> None:
    for _ in range(6):
        reviewed(PUZZLING[0])  # has one position
    assert len(choosing.chosen(DAY, 3)) == 1


def test_private_games_and_games_without_a_review_are_left_alone(reviewed: Reviewed) -> None:
    reviewed(PUZZLING[0], visibility="private")
    queued = reviewed(PUZZLING[1])
    Review.objects.filter(pk=queued.pk).update(scores=None, done_at=None)
    reviewed(NOTHING_IN_IT)
    assert choosing.puzzles_of(DAY) == []


def test_a_review_that_does_not_hold_is_left_alone(reviewed: Reviewed) -> None:
    broken = reviewed(PUZZLING[0])
    Review.objects.filter(pk=broken.pk).update(scores=b"\x01\x00")
    whole = reviewed(PUZZLING[1])
    assert [puzzle.game_id for puzzle in choosing.puzzles_of(DAY)] == [whole.pk]


def test_a_day_with_too_few_is_filled_up_when_there_are_more(
    reviewed: Reviewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(choosing, "monotonic", lambda: now)
    reviewed(PUZZLING[0])
    first = choosing.puzzles_of(DAY)
    assert [puzzle.number for puzzle in first] == [1]
    for notation in PUZZLING[1:4]:
        reviewed(notation)
    assert choosing.puzzles_of(DAY) == first, "the games are looked at once a minute at most"
    now += choosing.PAUSE
    assert [puzzle.number for puzzle in choosing.puzzles_of(DAY)] == [1, 2, 3]
    assert choosing.puzzles_of(DAY)[0] == first[0]


def test_what_another_process_has_chosen_meanwhile_stands(reviewed: Reviewed, monkeypatch: pytest.MonkeyPatch) -> None:
    for notation in PUZZLING:
        reviewed(notation)
    found = choosing.chosen(DAY, 3)
    others = [choosing.row(DAY, number, *each) for number, each in zip((2, 3, 1), found, strict=True)]
    choose = choosing.chosen

    def slowly(day: date, count: int) -> list[choosing.Found]:
        mine = choose(day, count)
        Puzzle.objects.bulk_create(others)
        return mine

    monkeypatch.setattr(choosing, "chosen", slowly)
    puzzles = choosing.puzzles_of(DAY)
    assert {puzzle.pk for puzzle in puzzles} == {other.pk for other in others}


def test_two_processes_choose_once(
    reviewed: Reviewed, uvicorn_server: ServerProcess, daphne_server: ServerProcess
) -> None:
    for notation in PUZZLING:
        reviewed(notation)
    addresses = [f"{server.url}/puzzles/" for server in (uvicorn_server, daphne_server)] * 4

    def read(address: str) -> int:
        with urlopen(address, timeout=60) as answer:
            status: int = answer.status
            return status

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(read, addresses)) == {200}
    today = timezone.now().date()
    chosen = Puzzle.objects.filter(day__gte=today - timedelta(days=1)).order_by("number")
    assert [puzzle.number for puzzle in chosen] == [1, 2, 3]
