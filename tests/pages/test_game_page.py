"""`/games/ID/`: one address for a game's whole life."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from games.computer.models import Review
from games.models import Game, Player
from tests.support.stored_games import ALICE_WINS, player, store_finished, store_game, store_timed_game

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Player:
    return player("alice")


@pytest.fixture
def bob() -> Player:
    return player("bob")


def signed_in(someone: Player) -> Client:
    client = Client()
    client.force_login(someone.user)
    return client


def page_data(answer: Any) -> dict[str, Any]:
    """What the page's script starts from."""
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', answer.content.decode())
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_it_starts_from_the_game_as_the_contract_writes_it(client: Client, alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "443")
    data = page_data(client.get(f"/games/{game.pk}/"))
    assert data["game"]["notation"] == "443"
    assert data["game"]["turn"] == 2
    assert data["you"] is None
    assert data["rematch"] == {"offeredBy": None, "game": None}
    assert data["playedAt"] == ["2026-01-05T12:00:20.000Z", "2026-01-05T12:00:30.000Z", "2026-01-05T12:00:40.000Z"]
    assert data["seenAt"] == [None, None]


def test_a_timed_game_says_what_moves_took_and_what_time_it_is(client: Client, alice: Player, bob: Player) -> None:
    game = store_timed_game(alice, bob, [56_200, 60_000])
    answer = client.get(f"/games/{game.pk}/")
    data = page_data(answer)
    assert data["moveMs"] == [0, 0, 4800]
    assert data["remainingMs"] == [[60_000, 60_000], [60_000, 60_000], [56_200, 60_000]]
    assert data["game"]["clock"]["running"] == 2
    assert abs(datetime.fromisoformat(data["serverTime"]) - timezone.now()) < timedelta(seconds=10)
    assert '<p class="pace-head">Blitz · 1 min + 1 s</p>' in answer.content.decode()


def test_a_waiting_game_says_its_time_and_that_nothing_is_taken_back(client: Client, alice: Player) -> None:
    game = store_game(alice, None, days_per_move=3, takebacks=False)
    for page in (client, signed_in(alice)):
        assert "By days · 3 days a move, no takebacks." in page.get(f"/games/{game.pk}/").content.decode()


def test_it_knows_who_sits_where(alice: Player, bob: Player) -> None:
    game = store_game(alice, bob)
    assert [page_data(signed_in(one).get(f"/games/{game.pk}/"))["you"] for one in (alice, bob)] == [1, 2]
    assert page_data(signed_in(player("charlie")).get(f"/games/{game.pk}/"))["you"] is None


@pytest.mark.parametrize("spelling", [str.lower, lambda text: f"{text[:3]}-{text[3:]}", lambda text: f" {text} "])
def test_any_spelling_of_the_id_is_redirected_to_the_canonical_one(
    client: Client, alice: Player, spelling: Any
) -> None:
    game = store_game(alice, None, id="AB01CD")
    answer = client.get(f"/games/{spelling(game.pk)}/")
    assert (answer.status_code, answer["Location"]) == (302, "/games/AB01CD/")
    assert client.get("/games/abOicd/")["Location"] == "/games/AB01CD/"


def test_an_unknown_game_is_not_found_and_can_be_typed_again(client: Client) -> None:
    answer = client.get("/games/ZZZZZZ/")
    assert answer.status_code == 404
    assert 'name="id"' in answer.content.decode()


def test_it_is_read_only(client: Client, alice: Player) -> None:
    game = store_game(alice, None)
    assert client.post(f"/games/{game.pk}/").status_code == 405


def test_its_creator_finds_the_invite_by_the_address_of_the_page(alice: Player, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["192.0.2.7", "127.0.0.1", "[::1]"]
    game = store_game(alice, None)
    near = signed_in(alice).get(f"/games/{game.pk}/", HTTP_HOST="127.0.0.1:8000").content.decode()
    assert f'value="http://127.0.0.1:8000/join/{game.pk}/"' in near
    assert "works on this machine only" in near
    assert (
        "works on this machine only" in signed_in(alice).get(f"/games/{game.pk}/", HTTP_HOST="[::1]").content.decode()
    )
    far = signed_in(alice).get(f"/games/{game.pk}/", HTTP_HOST="192.0.2.7:8000").content.decode()
    assert f'value="http://192.0.2.7:8000/join/{game.pk}/"' in far
    assert "works on this machine only" not in far
    assert '<svg viewBox="0 0 ' in far


def test_others_are_offered_the_seat(client: Client, alice: Player, bob: Player) -> None:
    game = store_game(alice, None)
    stranger = client.get(f"/games/{game.pk}/").content.decode()
    assert f'<a class="button primary large" href="/join/{game.pk}/"' in stranger
    assert "Invite link" not in stranger
    assert (
        f'<form method="post" action="/join/{game.pk}/">' in signed_in(bob).get(f"/games/{game.pk}/").content.decode()
    )
    assert f'action="/join/{game.pk}/"' not in signed_in(alice).get(f"/games/{game.pk}/").content.decode()


def test_a_game_in_progress_offers_no_seat(client: Client, alice: Player, bob: Player) -> None:
    game = store_game(alice, bob)
    assert "/join/" not in client.get(f"/games/{game.pk}/").content.decode()


def test_the_old_game_names_its_rematch(client: Client, alice: Player, bob: Player) -> None:
    old = store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)
    new = store_game(bob, alice, rematch_of=old)
    assert page_data(client.get(f"/games/{old.pk}/"))["rematch"] == {"offeredBy": None, "game": new.pk}


def test_a_name_cannot_break_out_of_the_page(client: Client, alice: Player) -> None:
    # No form lets such a name in; the page escapes it all the same.
    Player.objects.filter(pk=alice.pk).update(name="</script><b>&")
    answer = client.get(f"/games/{store_game(alice, None).pk}/")
    assert "</script><b>" not in answer.content.decode()
    assert page_data(answer)["game"]["participant1"] == "</script><b>&"


def test_it_takes_as_many_queries_however_long_the_game(
    client: Client, alice: Player, bob: Player, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    long = store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)
    with django_assert_num_queries(4):  # the game with its names, its moves, when the two were last seen, its review
        client.get(f"/games/{long.pk}/")


def test_it_lists_the_games_of_its_series(
    client: Client, alice: Player, bob: Player, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)
    second = store_finished(bob, alice, "12", "agreement", None, rematch_of=first)
    third = store_finished(alice, bob, "", "aborted", None, rematch_of=second)
    store_game(bob, alice, "", rematch_of=third)
    with django_assert_num_queries(5):  # four as for every game, and the series
        answer = client.get(f"/games/{third.pk}/")
    series = answer.context["series"]
    assert [(one.number, one.result, one.reason) for one in series] == [
        (4, "in progress", ""),
        (3, "no result", "aborted"),
        (2, "drawn", "by agreement"),
        (1, "alice won", "four in a row"),
    ]
    assert f'href="/games/{first.pk}/"' in answer.content.decode()
    assert "series-games" not in client.get(f"/games/{first.pk}/").content.decode(), "nothing came before it"


def test_it_knows_whether_a_review_is_there_or_on_its_way(client: Client, alice: Player, bob: Player) -> None:
    def is_reviewed(game: Game) -> bool:
        found: bool = page_data(client.get(f"/games/{game.pk}/"))["isReviewed"]
        return found

    old = store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)
    now = timezone.now()
    new = store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1, create_time=now, start_time=now, end_time=now)
    assert [is_reviewed(game) for game in (old, new, store_game(alice, bob, "4"))] == [False, True, False]
    Review.objects.create(game=old, queued_at=now)
    assert is_reviewed(old)
