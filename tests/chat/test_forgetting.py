"""Lines are forgotten after thirty days, unless they were reported; and when their people go."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.utils import timezone

from games.admin.people import delete_person
from games.chat import choices, forgetting
from games.chat.models import Chatter, Hiding, Line
from games.models import Game, Player
from lobby.accounts import forgetting as guests_forgotten
from lobby.accounts import guests
from lobby.models import Report, User
from tests.support.said import store_line
from tests.support.stored_games import ALICE_WINS, player, store_finished, store_game

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def alice(transactional_db: None) -> Player:
    return player("alice")


@pytest.fixture
def bob(transactional_db: None) -> Player:
    return player("bob")


@pytest.fixture
def game(alice: Player, bob: Player) -> Game:
    return store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)


def report(game: Game, by: Player, about: Player) -> Report:
    return Report.objects.create(reporter=by, reported=about, game=game, reason="rude", at=timezone.now())


def look(now: datetime) -> None:
    """What the servers do."""
    for work in forgetting.pending(now, 25):
        forgetting.deal_with(int(work), now)


def lines() -> list[str]:
    return sorted(Line.objects.values_list("text", flat=True))


def test_lines_are_kept_for_thirty_days(game: Game, alice: Player) -> None:
    now = timezone.now()
    store_line(game, alice, "old", at=now - 30 * DAY)
    store_line(game, alice, "young", at=now - 29.9 * DAY)
    look(now)
    assert lines() == ["young"]
    look(now + DAY)
    assert lines() == []


def test_the_days_are_a_setting(game: Game, alice: Player, settings: LazySettings) -> None:
    settings.CHAT_DAYS = 2
    store_line(game, alice, "old", at=timezone.now() - 2 * DAY)
    look(timezone.now())
    assert lines() == []


def test_what_was_reported_stays_and_is_looked_at_once(game: Game, alice: Player, bob: Player) -> None:
    following = store_game(bob, alice, rematch_of=game)
    for beside in (game, following):
        store_line(beside, alice, f"rude {beside.series_number}", at=timezone.now() - 40 * DAY)
    store_line(store_game(alice, bob), alice, "elsewhere", at=timezone.now() - 40 * DAY)
    report(following, bob, alice)
    look(timezone.now())
    assert lines() == ["rude 1", "rude 2"]
    assert forgetting.pending(timezone.now(), 25) == []


def test_numbers_go_on_when_lines_are_forgotten(game: Game, alice: Player) -> None:
    store_line(game, alice, "old", at=timezone.now() - 31 * DAY)
    look(timezone.now())
    assert store_line(game, alice, "new").number == 2


def test_many_lines_of_a_room_go_in_steps(game: Game, alice: Player) -> None:
    first = store_line(game, alice, "line", at=timezone.now() - 31 * DAY)
    many = range(2, forgetting.LINES_AT_ONCE + 12)
    Line.objects.bulk_create(
        Line(room=first.room, number=number, game=game, player=alice, text="line", at=first.at) for number in many
    )
    look(timezone.now())
    assert Line.objects.count() == 11
    look(timezone.now())
    assert not Line.objects.exists()


def test_the_command_forgets_them_all(game: Game, alice: Player) -> None:
    for number in range(3):
        store_line(game, alice, f"line {number}", at=timezone.now() - 31 * DAY)
    printed = StringIO()
    call_command("forget_chat", stdout=printed)
    assert printed.getvalue() == "3 lines forgotten that were older than 30 days.\n"
    assert lines() == []


def test_who_deletes_the_account_takes_the_lines_along(game: Game, alice: Player, bob: Player) -> None:
    reported = store_game(alice, bob)
    store_line(game, alice, "mine")
    store_line(game, bob, "not mine")
    store_line(reported, alice, "reported")
    report(reported, bob, alice)
    choices.switch(alice.pk, is_off=True)
    choices.hide(alice.pk, bob)
    choices.hide(bob.pk, alice)
    delete_person(alice)
    assert lines() == ["not mine", "reported"]
    assert Line.objects.get(text="reported").player.name == "[deleted]"
    assert not Chatter.objects.exists()
    assert not Hiding.objects.exists()


def _guest_with_a_line(game: Game) -> User:
    user = guests.make("192.0.2.7")
    store_line(game, user.player, "Good luck", "spectators")
    return user


def test_a_guest_who_never_moved_goes_with_the_lines(game: Game) -> None:
    user, later = _guest_with_a_line(game), timezone.now() + 1.1 * DAY
    for work in guests_forgotten.pending(later, 25):
        guests_forgotten.deal_with(int(work), later)
    assert not User.objects.filter(pk=user.pk).exists()
    assert lines() == []


def test_a_guests_reported_lines_stay_without_the_name(game: Game, alice: Player, bob: Player) -> None:
    user, later = _guest_with_a_line(game), timezone.now() + 1.1 * DAY
    report(game, bob, alice)
    for work in guests_forgotten.pending(later, 25):
        guests_forgotten.deal_with(int(work), later)
    assert Line.objects.get().player.name == "[guest]"
    assert not User.objects.get(pk=user.pk).is_active
