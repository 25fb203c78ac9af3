"""Reporting somebody: who may, about what, and how often."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from games.models import Game
from lobby.accounts import guests
from lobby.models import Report, User
from tests.support.site import at, running_game
from tests.support.stored_games import ALICE_WINS, store_finished

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def game(alice: User, bob: User) -> Game:
    return store_finished(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 1)


def report(client: Client, name: str = "bob", **fields: str) -> Any:
    return client.post(f"/@/{name}/report/", {"reason": "cheating", "text": "", "game": "", **fields})


def test_a_report_has_reason_text_and_game(alice: User, bob: User, game: Game) -> None:
    client = at(alice)
    assert 'href="/@/bob/report/"' in client.get("/@/bob/").content.decode()
    page = client.get("/@/bob/report/").content.decode()
    assert f'<option value="{game.pk}">' in page
    answer = report(client, reason="rude", text=" He said things. ", game=f" {game.pk.lower()[:3]}-{game.pk[3:]} ")
    assert answer["Location"] == "/@/bob/"
    row = Report.objects.get()
    assert (row.reporter, row.reported, row.game, row.reason) == (alice.player, bob.player, game, "rude")
    assert (row.text, row.verdict, row.closed_at) == ("He said things.", "", None)


def test_the_game_may_be_left_out_and_comes_from_the_address(alice: User, game: Game) -> None:
    client = at(alice)
    assert f'value="{game.pk}"' in client.get("/@/bob/report/", {"game": game.pk}).content.decode()
    report(client)
    assert Report.objects.get().game is None


@pytest.mark.parametrize(
    "fields",
    [{"reason": ""}, {"reason": "dislike"}, {"reason": "other"}, {"reason": "other", "text": "  "},
     {"text": "x" * 501}, {"game": "nonsense"}, {"game": "ZZZZZZ"}, {"game": "\x00"}, {"text": "a\x00b"}],
)  # fmt: skip
def test_what_makes_no_report_is_refused_beside_its_field(alice: User, bob: User, fields: dict[str, str]) -> None:
    answer = report(at(alice), **fields)
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) <= {"reason", "text", "game"}
    assert answer.context["form"].errors
    assert not Report.objects.exists()


def test_games_that_one_cannot_see_and_games_of_others_cannot_be_named(alice: User, bob: User, charlie: User) -> None:
    private = running_game(bob, charlie, visibility="private")
    of_others = running_game(alice, charlie)
    sentences = set()
    for named in (private.pk, of_others.pk, "ZZZZZZ"):
        answer = report(at(alice), game=named)
        sentences.add(str(answer.context["form"].errors["game"]))
    assert len(sentences) == 1  # nobody learns by it which private games there are
    assert report(at(charlie), game=private.pk).status_code == 302
    assert report(at(alice), name="charlie", game=of_others.pk).status_code == 302


def test_the_same_is_reported_once_until_it_is_closed(alice: User, game: Game) -> None:
    client = at(alice)
    assert report(client, game=game.pk).status_code == 302
    assert "reported this already" in report(client, game=game.pk, reason="rude").content.decode()
    assert report(client).status_code == 302
    Report.objects.update(closed_at="2026-01-01T00:00Z", verdict=Report.DISMISSED)
    assert report(client, game=game.pk).status_code == 302
    assert Report.objects.count() == 3


def test_who_may_not(alice: User, bob: User) -> None:
    assert report(Client())["Location"].startswith("/accounts/login/")
    guest = at(guests.make("192.0.2.7"))
    assert report(guest)["Location"] == "/accounts/"
    assert "/report/" not in guest.get("/@/bob/").content.decode()
    assert report(at(alice), name="alice")["Location"] == "/@/alice/"
    assert report(at(alice), name="nobody").status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert report(strict).status_code == 403
    assert not Report.objects.exists()


def test_reports_of_an_hour(alice: User, bob: User, charlie: User, settings: LazySettings) -> None:
    settings.REPORTS_PER_USER_PER_HOUR = 1
    client = at(alice)
    assert report(client).status_code == 302
    answer = report(client, name="charlie")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 600
    assert Report.objects.count() == 1


def test_a_reported_guest_is_not_deleted_with_the_report(alice: User) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from lobby.accounts.forgetting import deal_with

    guest = guests.make("192.0.2.7")
    report(at(alice), name=guest.username)
    deal_with(guest.pk, timezone.now() + timedelta(days=2))
    assert Report.objects.get().reported.name == "[guest]"
