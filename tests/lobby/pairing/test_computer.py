"""The form for a game against the computer."""

from typing import Any

import pytest
from django.test import Client

from games.computer.play.levels import LEVELS
from games.computer.thinking import Thinking
from games.game.live import LiveGame
from games.game.new_game import NewGame, Terms
from games.game.people import Participant
from games.game.restoring import begin
from games.models import Game
from games.protocol import ErrorCode, GameError, Visibility
from games.rules.openings import Opening
from games.rules.time_controls import Countdown
from lobby.models import User
from tests.support.site import at
from tests.support.stored_games import LONG_AGO

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Participant, Terms, int]]:
    """What the computer is asked for; it needs a server, and `tests/e2e` has one."""
    asked: list[tuple[Participant, Terms, int]] = []

    async def start_game(_: Thinking, participant: Participant, terms: Terms, level: int) -> LiveGame:
        asked.append((participant, terms, level))
        return begin(NewGame("A9F3QX", participant, 1, terms.visibility, LONG_AGO))

    monkeypatch.setattr(Thinking, "start_game", start_game)
    return asked


def test_the_page_names_all_levels(client: Client) -> None:
    page = client.get("/computer/?level=5&first_move=2")
    for level in LEVELS:
        assert level.name in page.content.decode()
        assert level.sentence in page.content.decode()
    assert page.context["form"]["level"].value() == "5"
    assert page.context["form"]["first_move"].value() == "2"


@pytest.mark.parametrize(
    ("fields", "terms"),
    [
        ({}, Terms(Visibility.PRIVATE, 1)),
        ({"first_move": "2", "opening": "ballot"}, Terms(Visibility.PRIVATE, 2, opening=Opening.BALLOT)),
        ({"first_move": "random", "time": "60+1"},
         Terms(Visibility.PRIVATE, "random", time_control=Countdown(60, 1))),
        ({"time": "own", "own_minutes": "3", "own_seconds": "5", "own_increment": "2"},
         Terms(Visibility.PRIVATE, 1, time_control=Countdown(185, 2))),
    ],
)  # fmt: skip
def test_the_choices_count(alice: User, asked: list[Any], fields: dict[str, str], terms: Terms) -> None:
    response = at(alice).post("/computer/", {"level": "4", "first_move": "1", **fields})
    assert (response.status_code, response["Location"]) == (302, "/games/A9F3QX/")
    assert asked == [(alice.participant, terms, 4)]


def test_without_an_account_as_a_guest(client: Client, asked: list[Any]) -> None:
    client.post("/computer/", {"level": "1", "first_move": "1"})
    [(participant, _, level)] = asked
    assert (participant.guest, level) == (True, 1)


def test_where_guests_are_switched_off_the_choices_survive_signing_up(
    client: Client, asked: list[Any], settings: Any
) -> None:
    settings.GUESTS = False
    response = client.post("/computer/", {"level": "6", "first_move": "2"})
    assert response["Location"] == "/accounts/signup/?next=%2Fcomputer%2F%3Ffirst_move%3D2%26level%3D6"
    assert not asked


@pytest.mark.parametrize(
    "fields",
    [{"level": "0"}, {"level": "9"}, {"level": ""}, {"first_move": "3"}, {"time": "3d"}, {"opening": "pie"},
     {"level": "\x00"}],
)  # fmt: skip
def test_what_is_no_choice_is_refused_beside_its_field(alice: User, fields: dict[str, str]) -> None:
    response = at(alice).post("/computer/", {"level": "1", "first_move": "1", **fields})
    assert response.status_code == 400
    assert list(response.context["form"].errors) == list(fields)


@pytest.mark.parametrize(
    ("code", "status"),
    [(ErrorCode.COMPUTER_UNAVAILABLE, 503), (ErrorCode.TRY_AGAIN, 503), (ErrorCode.GAME_IN_PROGRESS, 409)],
)
def test_a_refusal_is_said_in_the_form(
    alice: User, monkeypatch: pytest.MonkeyPatch, code: ErrorCode, status: int
) -> None:
    async def refuse(*_: Any) -> None:
        raise GameError(code)

    monkeypatch.setattr(Thinking, "start_game", refuse)
    response = at(alice).post("/computer/", {"level": "8", "first_move": "1"})
    assert response.status_code == status
    assert response.context["form"].non_field_errors() == [GameError(code).message]
    assert response.context["form"]["level"].value() == "8"
    assert not Game.objects.exists()
