"""`manage.py demo` makes games that hold, only once, and touches nobody else."""

import secrets
from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from games.demo import filling, playing
from games.demo.filling import Filled, fill
from games.models import Game, Move, Player
from games.records.verification import check_all
from games.rules.board import Position
from tests.support.stored_games import store_game

chance = secrets.SystemRandom()


@pytest.fixture
def filled(db: None) -> Filled:
    return fill(timezone.now(), chance)


def test_every_game_holds(filled: Filled) -> None:
    assert [report for report in check_all(timezone.now()) if report.faults] == []


def test_there_is_something_of_everything(filled: Filled) -> None:
    reasons = Counter(Game.objects.finished().values_list("reason", flat=True))
    assert set(reasons) == {"four_in_a_row", "board_full", "resignation", "abandonment", "adjudication", "aborted"}
    assert Game.objects.filter(rematch_of__isnull=False).count() == 5
    assert Game.objects.in_progress().count() == filling.RUNNING
    assert Game.objects.waiting().count() == filling.WAITING
    assert 45 <= sum(filled.added.values()) == Game.objects.count() <= 60
    assert Player.objects.exclude(name=filling.ADMIN_NAME).count() == 12


def test_games_lie_in_the_last_weeks(filled: Filled) -> None:
    now = timezone.now()
    assert not Game.objects.filter(create_time__lt=now - timedelta(weeks=5)).exists()
    assert not Game.objects.filter(end_time__gt=now).exists()
    assert Game.objects.filter(create_time__lt=now - timedelta(weeks=1)).exists()
    assert Game.objects.filter(end_time__gt=now - timedelta(weeks=1)).exists()


def test_running_and_waiting_games_are_shown_as_alive(filled: Filled) -> None:
    now = timezone.now()
    for game in Game.objects.waiting().select_related("participant1"):
        assert game.participant1.seen_at is not None
        assert game.participant1.seen_at > now
    assert not Game.objects.in_progress().filter(attended_time__lt=now).exists()
    assert Move.objects.filter(at__gt=now - timedelta(minutes=1)).count() >= filling.RUNNING


def test_the_passwords_open_the_doors(filled: Filled) -> None:
    users = [get_user_model().objects.get(username=name) for name in filled.passwords]
    assert all(user.check_password(filled.passwords[user.get_username()]) for user in users)
    assert [user.is_superuser for user in users] == [False, False, True]
    others = get_user_model().objects.exclude(pk__in=[user.pk for user in users])
    assert not any(user.has_usable_password() for user in others)


def test_the_first_two_have_a_game_going_with_the_first_to_move(filled: Filled) -> None:
    game = Game.objects.get(pk=filled.game_going)
    assert (game.participant1.name, game.participant2 and game.participant2.name) == ("ada", "bruno")
    assert (game.first_move + len(game.columns)) % 2 == 1


def test_a_second_run_adds_nothing_and_makes_new_passwords(filled: Filled) -> None:
    before = set(Game.objects.values_list("pk", flat=True))
    again = fill(timezone.now(), chance)
    assert set(Game.objects.values_list("pk", flat=True)) == before
    assert again.added == {"finished": 0, "running": 0, "waiting": 0}
    assert again.passwords.keys() == filled.passwords.keys()
    assert get_user_model().objects.get(username="ada").check_password(again.passwords["ada"])


def test_a_second_run_makes_up_for_what_was_ended(filled: Filled) -> None:
    end = {"state": "finished", "reason": "aborted", "end_time": timezone.now()}
    Game.objects.filter(pk=filled.game_going).update(**end)
    waiting = Game.objects.waiting().first()
    assert waiting is not None
    Game.objects.filter(pk=waiting.pk).update(**end)
    again = fill(timezone.now(), chance)
    assert again.added == {"finished": 0, "running": 1, "waiting": 1}
    assert again.game_going != filled.game_going


def test_people_and_games_of_others_are_left_alone(alice: Player, bob: Player) -> None:
    theirs = store_game(alice, bob, "44")
    real_ada = get_user_model().objects.create_user("Ada", "ada@example.org", "a-real-password")
    filled = fill(timezone.now(), chance)
    real_ada.refresh_from_db()
    assert real_ada.check_password("a-real-password")
    assert next(iter(filled.passwords)) == "ada-2"
    assert Game.objects.of(real_ada.pk).count() == 0
    assert len(Game.objects.get(pk=theirs.pk).columns) == 2


def test_nothing_is_stored_when_it_fails_half_way(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(filling, "_show_for_a_while", fail)
    with pytest.raises(RuntimeError):
        fill(timezone.now(), chance)
    assert (Game.objects.count(), Player.objects.count()) == (0, 0)


# --- the command ------------------------------------------------------------------------------------------------


def test_the_command_says_whom_to_sign_in_as(db: None, settings: LazySettings) -> None:
    settings.DEBUG = True
    out = StringIO()
    call_command("demo", stdout=out)
    lines = [line.split() for line in out.getvalue().splitlines() if line.startswith("  ")]
    printed = {name: password for name, password, *_ in lines}
    assert list(printed) == ["ada", "bruno", "demo-admin"]
    for name, password in printed.items():
        assert get_user_model().objects.get(username=name).check_password(password)
    assert "(administrator: /admin/)" in out.getvalue()


def test_it_is_refused_when_debug_is_off(db: None, settings: LazySettings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="needs DEBUG=true"):
        call_command("demo")
    assert not Player.objects.exists()


# --- its player -------------------------------------------------------------------------------------------------


def test_the_player_takes_a_win() -> None:
    assert playing.choose(Position.from_columns([0, 1, 0, 1, 0, 1]), chance) == 0


def test_the_player_stops_a_win() -> None:
    assert playing.choose(Position.from_columns([0, 1, 0, 1, 0]), chance) == 0


def test_the_player_gives_nothing_away() -> None:
    # The second player has three in a row on the second row: below its ends, columns 0 and 4 are empty.
    position = Position.from_columns([1, 2, 3, 1, 6, 2, 6, 3])
    assert not {playing.choose(position, chance) for _ in range(50)} & {0, 4}


@pytest.mark.parametrize("_round", range(5))
def test_imagined_games_end_as_they_are_told(_round: int) -> None:
    assert Position.from_columns(playing.won_game(chance)).is_won
    drawn = Position.from_columns(playing.drawn_game(chance))
    assert (drawn.is_full, drawn.is_won) == (True, False)
    assert not Position.from_columns(playing.unfinished_game(chance, at_least=4)).is_over
