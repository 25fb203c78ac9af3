"""Making a game."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import LazySettings
from django.test import Client

from games.models import Game
from games.rules.time_controls import Countdown, Days, TimeControl
from lobby.models import User
from tests.support.site import at

pytestmark = pytest.mark.django_db(transaction=True)


def create(client: Client, **fields: str) -> Any:
    return client.post("/games/new/", {"visibility": "public", "first_move": "1", **fields})


def test_makes_a_game_and_leads_to_it(alice: User) -> None:
    response = create(at(alice))
    game = Game.objects.get()
    assert response["Location"] == f"/games/{game.pk}/"
    assert (game.participant1_id, game.participant2_id) == (alice.pk, None)
    assert (game.state, game.visibility, game.first_move) == ("waiting", "public", 1)


@pytest.mark.parametrize("visibility", ["public", "private"])
@pytest.mark.parametrize("first_move", ["1", "2"])
def test_the_choices_count(alice: User, visibility: str, first_move: str) -> None:
    create(at(alice), visibility=visibility, first_move=first_move)
    game = Game.objects.get()
    assert (game.visibility, game.first_move) == (visibility, int(first_move))


def test_random_is_sometimes_one_and_sometimes_the_other(alice: User) -> None:
    client = at(alice)
    while set(Game.objects.values_list("first_move", flat=True)) != {1, 2}:
        assert Game.objects.count() < 64, "64 throws of a coin fell on the same side"
        create(client, first_move="random")


@pytest.mark.parametrize(
    "fields",
    [{"visibility": "secret"}, {"first_move": "3"}, {"first_move": ""}, {"visibility": "\x00"}, {"time": "61+0"},
     {"time": "4d"}, {"time": "\x00"}, {"takebacks": "maybe"}],
)  # fmt: skip
def test_what_is_no_choice_is_refused_beside_its_field(alice: User, fields: dict[str, str]) -> None:
    response = create(at(alice), **fields)
    assert response.status_code == 400
    assert list(response.context["form"].errors) == list(fields)
    assert not Game.objects.exists()


def test_a_rated_game_has_a_clock_and_begins_with_the_ballot(alice: User, settings: LazySettings) -> None:
    settings.RATED_ACCOUNT_AGE_MINUTES = 0
    refused = create(at(alice), rated="yes")
    assert (refused.status_code, [*refused.context["form"].errors]) == (400, ["rated"])
    create(at(alice), rated="yes", time="60+1", opening="none", takebacks="yes")
    game = Game.objects.get()
    assert (game.rated, game.opening, game.takebacks) == (True, "ballot", False)


def test_who_may_not_play_rated_is_told_beside_the_field(
    alice: User, client: Client, settings: LazySettings, texts: Callable[[Any], str]
) -> None:
    settings.RATED_ACCOUNT_AGE_MINUTES = 60
    refused = create(at(alice), rated="yes", time="60+1")
    assert refused.status_code == 409
    assert "Your account is new" in texts(refused)
    create(client, visibility="private")
    as_guest = create(client, rated="yes", time="60+1")
    assert as_guest.status_code == 409
    assert "Guests play unrated games" in texts(as_guest)
    assert not Game.objects.filter(rated=True).exists()


def test_who_has_no_account_signs_up_for_a_rated_game(client: Client) -> None:
    assert create(client, rated="yes", time="60+1")["Location"].startswith("/accounts/signup/?next=")
    assert not User.objects.exists()


def test_a_casual_game_may_begin_with_the_ballot(alice: User) -> None:
    create(at(alice), opening="ballot")
    game = Game.objects.get()
    assert (game.rated, game.opening) == (False, "ballot")


def test_who_has_no_account_makes_a_game_as_a_guest(client: Client) -> None:
    response = create(client, visibility="private")
    game = Game.objects.get()
    assert response["Location"] == f"/games/{game.pk}/"
    assert (game.participant1.guest, game.visibility) == (True, "private")
    create(client)
    assert Game.objects.filter(participant1=game.participant1).count() == 2


def test_where_guests_are_switched_off_the_choices_survive_signing_up_on_the_way(
    client: Client, settings: LazySettings
) -> None:
    settings.GUESTS = False
    response = create(client, visibility="private", first_move="random", time="own", own_minutes="7", takebacks="no")
    back = parse_qs(urlsplit(response["Location"]).query)["next"][0]
    assert back.startswith("/games/new/?visibility=private&first_move=random")
    assert not Game.objects.exists()
    page = client.get(back).content.decode()
    chosen = re.findall(r'<input type="radio"[^>]*value="([^"]*)"[^>]* checked', page)
    assert chosen == ["own", "no", "random", "none", "no", "private"]
    assert re.search(r'name="own_minutes" value="7"', page)


def made_with(alice: User, **fields: str) -> Game:
    """The game that such a form makes."""
    assert create(at(alice), **fields).status_code == 302
    return Game.objects.latest("create_time")


@pytest.mark.parametrize(
    ("time", "control"),
    [
        ("none", None), ("", None), ("30+0", Countdown(30, 0)), ("20+1", Countdown(20, 1)), ("60+0", Countdown(60, 0)),
        ("60+1", Countdown(60, 1)), ("120+0", Countdown(120, 0)), ("180+2", Countdown(180, 2)),
        ("300+3", Countdown(300, 3)), *((f"{days}d", Days(days)) for days in (1, 2, 3, 7, 14)),
    ],
)  # fmt: skip
def test_a_time_is_chosen(alice: User, time: str, control: TimeControl | None) -> None:
    # What stands in the fields for one's own time counts for nothing.
    assert made_with(alice, time=time, own_minutes="9", own_seconds="rubbish").time_control == control


@pytest.mark.parametrize(
    ("minutes", "seconds", "increment", "control"),
    [("10", "0", "5", Countdown(600, 5)), ("", "15", "", Countdown(15, 0)), ("0", "90", "60", Countdown(90, 60)),
     ("60", "0", "0", Countdown(3600, 0))],
)  # fmt: skip
def test_ones_own_time(alice: User, minutes: str, seconds: str, increment: str, control: TimeControl) -> None:
    own = {"own_minutes": minutes, "own_seconds": seconds, "own_increment": increment}
    assert made_with(alice, time="own", **own).time_control == control


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("own_minutes", {"own_seconds": "14"}), ("own_minutes", {"own_minutes": "60", "own_seconds": "1"}),
        ("own_minutes", {}), ("own_minutes", {"own_minutes": "61"}), ("own_seconds", {"own_seconds": "-1"}),
        ("own_seconds", {"own_seconds": "1e9"}), ("own_increment", {"own_minutes": "5", "own_increment": "61"}),
        ("own_increment", {"own_minutes": "5", "own_increment": "\x00"}),
    ],
)  # fmt: skip
def test_a_time_of_ones_own_out_of_range_is_refused_beside_its_field(
    alice: User, field: str, fields: dict[str, str]
) -> None:
    response = create(at(alice), time="own", **fields)
    assert response.status_code == 400
    assert list(response.context["form"].errors) == [field]
    page = response.content.decode()
    assert f'id="id_{field}_error"' in page
    assert "From 15 seconds to 60 minutes, and up to 60 seconds for each move." in page
    assert not Game.objects.exists()


@pytest.mark.parametrize(
    ("takebacks", "allowed"), [({}, True), ({"takebacks": "yes"}, True), ({"takebacks": "no"}, False)]
)
def test_takebacks_are_allowed_unless_switched_off(alice: User, takebacks: dict[str, str], allowed: bool) -> None:
    assert made_with(alice, **takebacks).takebacks is allowed


def test_looking_makes_nothing(alice: User) -> None:
    assert at(alice).get("/games/new/", {"visibility": "public", "first_move": "1"}).status_code == 200
    assert not Game.objects.exists()


def test_a_post_from_another_site_is_refused(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert create(client).status_code == 403
    assert not Game.objects.exists()
