"""A player as others see it: nothing private, and in as many queries however much was played."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from games.models import Game, Player
from games.ratings.applying import rate
from games.ratings.corrections import correct
from lobby.accounts import guests
from lobby.models import User
from lobby.profile import players, statement
from tests.support.callers import refusal
from tests.support.site import at, running_game, waiting_game
from tests.support.stored_games import ALICE_WINS, LONG_AGO, store_finished, take_back

pytestmark = pytest.mark.django_db(transaction=True)


def profile(user: User, viewer: User | None = None) -> players.Profile:
    found = players.profile_of(user.username, viewer and viewer.pk, timezone.now())
    assert found is not None
    return found


def tallies(user: User) -> dict[str, tuple[int, int, int]]:
    found = profile(user)
    return {tally.speed.value: (tally.won, tally.lost, tally.drawn) for tally in found.tallies}


def test_games_are_counted_by_speed_and_result(alice: User, bob: User) -> None:
    one, two = alice.player, bob.player
    store_finished(one, two, ALICE_WINS, "four_in_a_row", 1)
    store_finished(two, one, "44", "resignation", 1)
    store_finished(one, two, "44", "agreement", None, initial=60, increment=0)
    store_finished(one, two, "44", "timeout", 2, initial=60, increment=0)
    store_finished(two, one, "44", "abandonment", 2, initial=15, increment=0)
    store_finished(one, two, "44", "resignation", 2, days_per_move=3)
    store_finished(one, two, "4", "aborted", None)
    store_finished(one, two, "44", "abandonment", None)
    running_game(alice, bob)
    assert tallies(alice) == {
        "bullet": (1, 0, 0), "blitz": (0, 1, 1), "correspondence": (0, 1, 0), "untimed": (1, 1, 0),
    }  # fmt: skip
    assert list(tallies(alice)) == ["bullet", "blitz", "correspondence", "untimed"]
    text = Client().get("/@/alice/").content.decode()
    assert "Here since" in text
    assert "Correspondence" in text


def test_ratings_stand_beside_the_speeds(alice: User, bob: User) -> None:
    alice.player.ratings.create(speed="blitz", rating=1612.4, deviation=80.2, volatility=0.06, games=12)
    alice.player.ratings.create(speed="rapid", rating=1499.6, deviation=200.0, volatility=0.06, games=1)
    store_finished(alice.player, bob.player, "44", "resignation", 1)
    found = profile(alice)
    shown = [(tally.speed.value, tally.rating, tally.games) for tally in found.tallies]
    assert shown == [("blitz", "1612", 0), ("rapid", "1500?", 0), ("untimed", "", 1)]
    assert "<td>1500?</td>" in Client().get("/@/alice/").content.decode()


def test_ratings_and_how_they_went(alice: User, bob: User, django_assert_num_queries: Any) -> None:
    assert "Ratings" not in Client().get("/@/alice/").content.decode()
    for number in range(3):
        game = store_finished(
            alice.player, bob.player, "44", "resignation", 1, initial=60, increment=0, rated=True,
            end_time=LONG_AGO + timedelta(days=number),
        )  # fmt: skip
        with transaction.atomic():
            rate(game.pk, timezone.now())  # unless a server of other tests has just done so
    with django_assert_num_queries(1):
        (blitz,) = profile(alice).ratings
    assert (blitz.speed, blitz.is_provisional, blitz.games) == ("blitz", True, 3)
    assert blitz.graph is not None
    assert (blitz.graph.highest, blitz.graph.last_at - blitz.graph.first_at) == (blitz.rating, timedelta(days=2))
    text = Client().get("/@/alice/").content.decode()
    assert f"{blitz.rating}<abbr" in text
    assert "<polyline" in text
    assert Client().get("/api/players/alice/").json()["ratings"]["blitz"]["rating"] == blitz.rating


def test_private_games_are_shown_to_nobody(alice: User, bob: User) -> None:
    over = store_finished(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 1, visibility="private")
    going_on = running_game(alice, bob, "44", visibility="private")
    for client in (Client(), at(bob), at(alice)):
        text = client.get("/@/alice/").content.decode()
        assert over.pk not in text
        assert going_on.pk not in text
        assert "No public game" in text
    assert Client().get("/api/players/alice/").json()["playing"] is None


def test_what_is_being_played_can_be_watched(alice: User, bob: User) -> None:
    assert "live" not in Client().get("/@/alice/").content.decode()
    waiting_game(alice)
    game = running_game(alice, bob, "44")
    text = Client().get("/@/Alice/", follow=True).content.decode()
    assert f'href="/games/{game.pk}/">Watch' in text
    assert "To your game" in at(alice).get("/@/alice/").content.decode()
    assert Client().get("/api/players/bob/").json()["playing"] == game.pk


def test_a_game_without_clocks_is_being_played_while_somebody_moves(alice: User, bob: User) -> None:
    start = timezone.now() - timedelta(hours=1)
    running_game(alice, bob, "44", start_time=start, create_time=start)
    assert players.playing(alice.pk, timezone.now()) is None
    timed = running_game(alice, bob, "44", start_time=start, create_time=start, initial=3600, increment=0)
    assert players.playing(alice.pk, timezone.now()) == timed.pk


def test_any_other_spelling_is_redirected(alice: User) -> None:
    answer = Client().get("/@/ALICE/")
    assert (answer.status_code, answer["Location"]) == (302, "/@/alice/")
    assert Client().get("/api/players/ALICE/").json()["name"] == "alice"


@pytest.mark.parametrize("name", ["nobody", "a", "x" * 21, "deleted-0123456789ab"])
def test_there_is_nobody_of_that_name(alice: User, name: str) -> None:
    answer = Client().get(f"/@/{name}/")
    assert answer.status_code == 404
    assert b"There is no player" in answer.content
    assert refusal(Client().get(f"/api/players/{name}/")) == (404, "unknown_player")


@pytest.mark.parametrize("name", ["%00", "a%0Ab", "%C3%A9", "[deleted]", "%F0%9F%98%80"])
def test_what_no_name_can_be_is_nobodys(name: str) -> None:
    assert Client().get(f"/@/{name}/").status_code == 404
    assert Client().get(f"/api/players/{name}/").status_code == 404


def test_who_is_gone_has_no_page(alice: User, bob: User) -> None:
    for placeholder in Player.PLACEHOLDER_NAMES:
        Player.objects.filter(pk=alice.pk).update(name=placeholder)
        assert Client().get("/@/alice/").status_code == 404
        store_finished(alice.player, bob.player, "44", "resignation", 2)
        text = Client().get("/@/bob/").content.decode()
        assert f"against {placeholder}<" in text  # a name, and no link


def test_guests_and_bots_are_told_apart(bob: User) -> None:
    guest = guests.make("192.0.2.7")
    assert "guest</span>" in Client().get(f"/@/{guest.username}/").content.decode()
    found = Client().get(f"/api/players/{guest.username.upper()}/").json()
    assert (found["name"], found["guest"], found["bot"], found["computer"]) == (guest.username, True, False, None)
    Player.objects.filter(pk=bob.pk).update(bot=True)
    assert Client().get("/api/players/bob/").json()["bot"] is True


def test_the_api_says_what_the_contract_says(alice: User) -> None:
    found = Client().get("/api/players/alice/").json()
    assert set(found) == {"name", "createTime", "guest", "bot", "computer", "ratings", "playing"}
    assert (found["ratings"], found["playing"]) == ({}, None)
    assert found["createTime"].endswith("Z")
    alice.player.ratings.create(speed="blitz", rating=1612.4, deviation=80.2, volatility=0.06, games=12)
    assert Client().get("/api/players/alice/").json()["ratings"] == {
        "blitz": {"rating": 1612, "deviation": 80, "provisional": False, "games": 12}
    }


def test_nothing_private_of_the_account_is_shown(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(first_name="Alicia", last_name="Adams", last_login=timezone.now())
    for path in ("/@/alice/", "/api/players/alice/"):
        text = Client().get(path).content.decode()
        assert not any(secret in text for secret in ("example.org", "Alicia", "Adams"))


def test_queries_do_not_grow_with_the_games(alice: User, bob: User) -> None:
    counts = []
    for number in (1, 30):
        for _ in range(number):
            store_finished(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 1)
            running_game(bob, alice, "44")
        with CaptureQueriesContext(connection) as asked:
            assert Client().get("/@/alice/").status_code == 200
        counts.append(len(asked))
    assert counts == [1, 1]


def test_whoever_is_signed_in_costs_the_session_alone(alice: User, bob: User) -> None:
    store_finished(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 1)
    client = at(bob)
    asked = []
    for path in ("/@/alice/", "/leaderboard/"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        asked.append([query["sql"].split("FROM")[1].split()[0] for query in queries])
    session = ['"django_session"', '"lobby_user"']
    assert [[table for table in tables if table not in session] for tables in asked]
    assert [len(tables) for tables in asked] == [len(session) + 1] * 2


def test_no_more_games_are_counted_than_may_be(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "MOST", 3)
    for _ in range(5):
        store_finished(alice.player, bob.player, "44", "resignation", 1)
    assert tallies(alice) == {"untimed": (3, 0, 0)}
    assert b"newest games alone" in Client().get("/@/alice/").content


def test_names_lead_to_profiles(alice: User, bob: User) -> None:
    waiting = waiting_game(alice)
    game = store_finished(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 1)
    assert 'href="/@/bob/"' in at(alice).get("/history/").content.decode()
    assert 'href="/@/alice/"' in at(bob).get("/").content.decode()
    assert 'data-profile="/@/NAME/"' in Client().get(f"/games/{game.pk}/").content.decode()
    assert Game.objects.filter(pk=waiting.pk).exists()
    place = {"rating": 1800.0, "deviation": 60.0, "volatility": 0.06, "games": 40, "last_game_at": timezone.now()}
    alice.player.ratings.create(speed="blitz", **place)
    assert '<a class="player-link" href="/@/alice/">' in Client().get("/leaderboard/blitz/").content.decode()
    assert '<a href="/@/alice/">Profile</a>' in at(alice).get("/").content.decode()
    Player.objects.filter(pk=bob.pk).update(name=Player.DELETED_NAME)
    assert "[deleted]" in at(alice).get("/history/").content.decode()
    assert 'href="/@/[deleted]/"' not in at(alice).get("/history/").content.decode()


def test_who_has_never_met_a_game_has_a_page(alice: User) -> None:
    Player.objects.filter(pk=alice.pk).delete()
    assert profile(User.objects.get(pk=alice.pk)).player.name == "alice"
    assert Player.objects.filter(pk=alice.pk).exists()


def test_boards_and_opponents_of_both_seats(alice: User, bob: User) -> None:
    first = store_finished(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 1, create_time=LONG_AGO)
    start = LONG_AGO + timedelta(days=1)
    second = store_finished(bob.player, alice.player, "4455", "resignation", 1, create_time=start, start_time=start)
    taken = running_game(alice, bob, "4433", create_time=LONG_AGO + timedelta(days=2))
    take_back(taken, 2)
    shown = profile(alice).last
    assert [(game.pk, result) for game, result in shown] == [
        (taken.pk, "in-progress"), (second.pk, "lost"), (first.pk, "won"),
    ]  # fmt: skip
    assert [game.columns for game, _ in shown] == [[3, 3], [3, 3, 4, 4], [0, 1, 0, 2, 0, 3, 0]]
    assert [game.participant1.name for game, _ in shown] == ["alice", "bob", "alice"]
    assert shown[1][0].create_time == start


def test_a_correction_is_the_end_of_the_graph(alice: User, bob: User) -> None:
    for number in range(2):
        end = LONG_AGO + timedelta(days=number)
        game = store_finished(
            alice.player, bob.player, "44", "resignation", 2, initial=60, increment=0, rated=True, end_time=end
        )
        with transaction.atomic():
            rate(game.pk, timezone.now())  # unless a server of other tests has just done so
    row = alice.player.ratings.get()
    correct(row, 100.0, timezone.now())
    (blitz,) = profile(alice).ratings
    assert blitz.rating == round(row.rating)
    assert blitz.graph is not None
    assert blitz.graph.lowest < blitz.rating - 50
    assert len(blitz.graph.points.split()) == 3
