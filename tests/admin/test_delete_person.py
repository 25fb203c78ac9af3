"""Deleting a person: the name, the address, the password and the rights go; the games stay."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from games.admin import people, players
from games.models import Game, Player
from games.protocol import ErrorCode, GameError
from games.records.verification import check_all
from games.registry.endings import Ending
from lobby.models import User
from tests.support.stored_games import ALICE_WINS, player, store_finished, store_game

pytestmark = pytest.mark.django_db(transaction=True)
LIST = reverse("admin:games_player_changelist")
Said = Callable[[Any], list[str]]
Texts = Callable[[Any], str]


def delete(client: Client, *chosen: Player) -> Any:
    form = {"action": "delete_people", "_selected_action": [player.pk for player in chosen], "confirmed": "yes"}
    return client.post(LIST, form, follow=True)


def test_it_asks_first(admin: Client, alice: Player, texts: Texts) -> None:
    store_game(alice, None)
    answer = admin.post(LIST, {"action": "delete_people", "_selected_action": alice.pk})
    assert "alice, 1 game" in texts(answer)
    assert Player.objects.get(pk=alice.pk).name == "alice"


def test_nothing_of_the_person_is_left(admin: Client, alice: Player, said: Said) -> None:
    user = User.objects.get(pk=alice.pk)
    user.first_name, user.is_staff, user.last_login = "Alice", True, timezone.now()
    user.set_password("correct-horse-42")
    user.save()
    user.groups.add(Group.objects.create(name="moderators"))
    user.user_permissions.add(Permission.objects.earliest("pk"))
    assert said(delete(admin, alice)) == ["Deleted: alice."]
    user = User.objects.get(pk=alice.pk)
    assert user.username.startswith("deleted-")
    assert (user.email, user.first_name, user.last_name, user.last_login) == ("", "", "", None)
    rights = [user.is_active, user.is_staff, user.is_superuser, user.has_usable_password()]
    assert not any([*rights, user.groups.exists(), user.user_permissions.exists()])
    user.full_clean()
    assert Player.objects.get(pk=alice.pk).name == "[deleted]"


def test_the_games_stay_under_another_name(admin: Client, alice: Player, bob: Player) -> None:
    game = store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)
    before = Game.objects.values().get(pk=game.pk)
    delete(admin, alice)
    assert Game.objects.values().get(pk=game.pk) == before
    assert Client().get(game.get_absolute_url()).context["game"].participant1 == "[deleted]"


def test_games_that_others_wait_in_are_ended(admin: Client, alice: Player, bob: Player) -> None:
    waiting, first, second = store_game(alice, None), store_game(alice, bob, "44"), store_game(bob, alice, "44")
    others = store_game(bob, None)
    delete(admin, alice)
    outcomes = dict(Game.objects.values_list("pk", "reason"))
    assert outcomes == {waiting.pk: "aborted", first.pk: "adjudication", second.pk: "adjudication", others.pk: ""}
    assert dict(Game.objects.values_list("pk", "winner")) == {
        waiting.pk: None, first.pk: 2, second.pk: 1, others.pk: None,
    }  # fmt: skip
    assert not any(report.faults for report in check_all(timezone.now()))


def test_the_name_is_free_again(admin: Client, alice: Player) -> None:
    delete(admin, alice)
    assert player("alice").name == "alice"
    assert Player.objects.count() == 3


def test_an_open_session_ends(admin: Client, alice: Player) -> None:
    theirs = Client()
    theirs.force_login(alice.user)
    delete(admin, alice)
    assert theirs.get(reverse("history")).status_code == 302


def test_the_log_forgets_the_name(admin: Client, admin_user: User, alice: Player) -> None:
    LogEntry.objects.log_actions(admin_user.pk, [User.objects.get(pk=alice.pk)], 2, "Changed the address.")
    delete(admin, alice)
    assert set(LogEntry.objects.values_list("object_repr", flat=True)) == {"[deleted]"}
    assert LogEntry.objects.filter(user=admin_user, change_message="Deleted the person.").exists()


def test_several_at_once(admin: Client, alice: Player, bob: Player) -> None:
    delete(admin, alice, bob)
    assert Player.objects.filter(name="[deleted]").count() == 2


def test_oneself_the_deleted_and_superusers_are_refused_by_name(
    admin: Client, admin_user: User, alice: Player, said: Said
) -> None:
    delete(admin, alice)
    messages = said(delete(admin, alice, Player.objects.get(pk=admin_user.pk)))
    assert set(messages) == {
        "Not deleted: [deleted]. This person is deleted already.", "Not deleted: boss. That is you.",
    }  # fmt: skip
    assert User.objects.get(pk=admin_user.pk).is_active


def test_only_a_superuser_deletes_a_superuser(admin_user: User, alice: Player, said: Said) -> None:
    staff = User.objects.create_user("staff", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=["view_player", "delete_player"]))
    browser = Client()
    browser.force_login(staff)
    messages = said(delete(browser, Player.objects.get(pk=admin_user.pk), alice))
    assert messages == ["Deleted: alice.", "Not deleted: boss. Only a superuser may delete a superuser."]


def test_a_moderator_may_not(moderator: Client, alice: Player) -> None:
    delete(moderator, alice)
    assert Player.objects.get(pk=alice.pk).name == "alice"


def test_games_that_could_not_be_ended_are_said(
    admin: Client, alice: Player, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_game(alice, None)

    async def refuse(_: object, endings: list[Ending]) -> list[GameError]:
        return [GameError(ErrorCode.TRY_AGAIN) for _ in endings]

    monkeypatch.setattr(people, "end_all", refuse)
    assert said(delete(admin, alice)) == [
        "Deleted: alice.",
        "1 of their games could not be ended just now. That could not be recorded just now. Please try again.",
    ]


def test_too_many_at_once_are_refused(
    admin: Client, alice: Player, bob: Player, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(players, "MOST", 1)
    assert said(delete(admin, alice, bob)) == ["At most 1 people at once: nobody was deleted."]
    assert not Player.objects.filter(name="[deleted]").exists()
