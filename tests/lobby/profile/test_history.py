"""My past games."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from games.models import Game
from lobby.models import User
from tests.support.site import at
from tests.support.stored_games import ALICE_WINS, FULL_BOARD, LONG_AGO, store_finished, store_game

pytestmark = pytest.mark.django_db(transaction=True)


def games_shown(user: User, **query: str) -> list[str]:
    return [game.pk for game, _ in at(user).get("/history/", query).context["rows"]]


@pytest.fixture
def games(alice: User, bob: User, charlie: User) -> dict[str, Game]:
    """One game of each kind, from the eldest to the newest."""
    a, b, c = alice.player, bob.player, charlie.player
    told: list[tuple[str, Any]] = [
        ("won", store_finished(a, b, ALICE_WINS, "four_in_a_row", 1)),
        ("won as 2", store_finished(c, a, "", "resignation", 2)),
        ("lost", store_finished(a, b, "44", "resignation", 2)),
        ("drawn", store_finished(b, a, FULL_BOARD, "board_full", None)),
        ("adjudicated", store_finished(a, b, "4", "adjudication", None)),
        ("abandoned", store_finished(a, c, "4", "abandonment", None)),
        ("stopped", store_finished(a, c, "4", "aborted", None)),
        ("in progress", store_game(a, b, "44")),
        ("waiting", store_game(a, None)),
        ("cancelled", store_finished(a, None, "", "aborted", None)),
        ("of others", store_finished(b, c, ALICE_WINS, "four_in_a_row", 1)),
    ]
    for number, (_, game) in enumerate(told):
        Game.objects.filter(pk=game.pk).update(create_time=LONG_AGO + timedelta(hours=number))
    return dict(told)


def test_my_games_are_shown_newest_first(alice: User, games: dict[str, Game]) -> None:
    kinds = ["in progress", "stopped", "abandoned", "adjudicated", "drawn", "lost", "won as 2", "won"]
    assert games_shown(alice) == [games[kind].pk for kind in kinds]


@pytest.mark.parametrize(
    ("result", "kinds"),
    [
        ("won", ["won as 2", "won"]),
        ("lost", ["lost"]),
        ("drawn", ["adjudicated", "drawn"]),
        ("none", ["stopped", "abandoned"]),
        ("in-progress", ["in progress"]),
    ],
)
def test_by_result(alice: User, games: dict[str, Game], result: str, kinds: list[str]) -> None:
    assert games_shown(alice, result=result) == [games[kind].pk for kind in kinds]
    rows = at(alice).get("/history/", {"result": result}).context["rows"]
    assert {shown for _, shown in rows} == {result}


def test_by_opponent_in_any_case_and_in_part(alice: User, games: dict[str, Game]) -> None:
    assert games_shown(alice, opponent="CHAR") == [games[kind].pk for kind in ("stopped", "abandoned", "won as 2")]
    assert games_shown(alice, opponent="charlie", result="won") == [games["won as 2"].pk]
    assert games_shown(alice, opponent="alice") == []
    assert games_shown(alice, opponent="%") == []


@pytest.mark.parametrize(
    "query", [{"result": "bogus"}, {"page": "x"}, {"page": "-1"}, {"page": "9999"}, {"opponent": "x" * 99}]
)
def test_what_cannot_be_meant_still_gives_the_page(alice: User, games: dict[str, Game], query: dict[str, str]) -> None:
    assert len(games_shown(alice, **query)) == 8


def test_an_empty_history_invites(alice: User, games: dict[str, Game], bob: User) -> None:
    stranger = User.objects.create_user("dora")
    assert b"You have not played yet." in at(stranger).get("/history/").content
    assert b"No game of yours is like that." in at(alice).get("/history/?opponent=nobody").content


def test_pages_of_25_keep_the_filter(alice: User, bob: User) -> None:
    for _ in range(53):
        store_finished(alice.player, bob.player, "", "resignation", 1)
    shown = [games_shown(alice, result="won", page=str(number)) for number in (1, 2, 3)]
    assert [len(page) for page in shown] == [25, 25, 3]
    assert len({pk for page in shown for pk in page}) == 53
    page = at(alice).get("/history/?result=won&page=2").content.decode()
    assert "?result=won&amp;page=1" in page
    assert "?result=won&amp;page=3" in page
    assert "Page 2 of 3" in page


def test_each_has_a_picture_of_its_final_board(alice: User, games: dict[str, Game]) -> None:
    page = at(alice).get("/history/?result=won").content.decode()
    assert page.count('<svg class="board-small"') == 2
    assert page.count(" won") >= 4
    assert "style=" not in page


def test_queries_do_not_grow_with_the_rows(alice: User, bob: User) -> None:
    client = at(alice)
    counts = []
    for number in (2, 20):
        for _ in range(number):
            store_finished(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 1)
        with CaptureQueriesContext(connection) as captured:
            client.get("/history/")
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 6
