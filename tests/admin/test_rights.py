"""Staff who may change users get no rights by it, and don't touch those who have more."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from games.models import Player
from lobby.models import User

NEW_PASSWORD = {"password1": "battery-staple-7", "password2": "battery-staple-7", "usable_password": "true"}


def permission(codename: str) -> Permission:
    return Permission.objects.get(codename=codename)


@pytest.fixture
def helper(db: None) -> User:
    """Staff who may do with users and groups whatever Django has a permission for."""
    user = User.objects.create_user("helper", is_staff=True)
    kinds = ("user", "group")
    user.user_permissions.set(Permission.objects.filter(content_type__model__in=kinds))
    return user


@pytest.fixture
def at_helper(helper: User) -> Client:
    client = Client()
    client.force_login(helper)
    return client


@pytest.fixture
def judge(db: None) -> User:
    """Staff with a right that the helper lacks, through a group."""
    judges = Group.objects.create(name="judges")
    judges.permissions.add(permission("change_game"))
    user = User.objects.create_user("judge", is_staff=True)
    user.groups.add(judges)
    return user


def page_of(user: User, view: str = "change") -> str:
    if view == "password":
        return reverse("admin:auth_user_password_change", args=[user.pk])
    return reverse(f"admin:lobby_user_{view}", args=[user.pk])


def form(user: User, **changes: Any) -> dict[str, Any]:
    return {"username": user.username, "email": user.email, "is_active": "on", **changes}


def everything() -> dict[str, Any]:
    return {
        "is_staff": "on",
        "is_superuser": "on",
        "groups": list(Group.objects.values_list("pk", flat=True)),
        "user_permissions": list(Permission.objects.values_list("pk", flat=True)),
    }


def rights(user: User) -> tuple[bool, bool, set[int], set[int]]:
    user = User.objects.get(pk=user.pk)
    groups, permissions = (set(of.values_list("pk", flat=True)) for of in (user.groups, user.user_permissions))
    return user.is_staff, user.is_superuser, groups, permissions


def test_a_forged_form_gives_no_rights_to_oneself_or_others(
    at_helper: Client, helper: User, alice: Player, judge: User
) -> None:
    for user in (helper, alice.user):
        before = rights(user)
        answer = at_helper.post(page_of(user), form(user, email="new@example.org", **everything()))
        assert answer.status_code == 302
        user.refresh_from_db()
        assert user.email == "new@example.org"  # the rest of the form is theirs to change
        assert rights(user) == before


def test_a_new_account_has_no_rights(at_helper: Client) -> None:
    fields = {"username": "dora", **NEW_PASSWORD, **everything()}
    assert at_helper.post(reverse("admin:lobby_user_add"), fields).status_code == 302
    assert rights(User.objects.get(username="dora")) == (False, False, set(), set())


def test_rights_are_shown_and_not_offered(at_helper: Client, alice: Player, judge: User, admin: Client) -> None:
    text = at_helper.get(page_of(alice.user)).content.decode()
    assert "Superuser status" in text
    for field in everything():
        assert f'name="{field}"' not in text
        assert f'name="{field}"' in admin.get(page_of(alice.user)).content.decode()


@pytest.mark.parametrize("whose", ["admin_user", "judge", "inactive judge"])
def test_whoever_has_more_rights_is_not_changed(at_helper: Client, request: pytest.FixtureRequest, whose: str) -> None:
    user: User = request.getfixturevalue(whose.split()[-1])
    if whose.startswith("inactive"):
        User.objects.filter(pk=user.pk).update(is_active=False)
    before = User.objects.filter(pk=user.pk).values().get()
    assert at_helper.post(page_of(user), form(user, email="mine@example.org")).status_code == 403
    inactive = {name: value for name, value in form(user).items() if name != "is_active"}
    assert at_helper.post(page_of(user), inactive).status_code == 403
    assert at_helper.post(page_of(user, "password"), NEW_PASSWORD).status_code == 403
    assert at_helper.get(page_of(user, "password")).status_code == 403
    assert at_helper.post(page_of(user, "delete"), {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=user.pk).values().get() == before
    shown = at_helper.get(page_of(user)).content.decode()
    assert 'name="email"' not in shown
    assert 'name="_save"' not in shown
    assert "Reset password" not in shown


def test_whoever_has_no_more_rights_is_theirs_to_change(at_helper: Client, alice: Player) -> None:
    peer = User.objects.create_user("peer", is_staff=True)
    peer.user_permissions.add(permission("view_user"))
    for user in (alice.user, peer):
        assert at_helper.post(page_of(user, "password"), NEW_PASSWORD).status_code == 302
        user.refresh_from_db()
        assert user.check_password(NEW_PASSWORD["password1"])


def test_no_action_on_many_deletes_a_superuser(at_helper: Client, admin_user: User, helper: User) -> None:
    helper.user_permissions.add(permission("view_player"), permission("delete_player"))
    bulk = {"action": "delete_selected", "_selected_action": admin_user.pk, "post": "yes"}
    at_helper.post(reverse("admin:lobby_user_changelist"), bulk)
    bulk = {"action": "delete_people", "_selected_action": admin_user.pk, "confirmed": "yes"}
    at_helper.post(reverse("admin:games_player_changelist"), bulk)
    admin_user.refresh_from_db()
    assert (admin_user.username, admin_user.is_active, admin_user.is_superuser) == ("boss", True, True)


def test_groups_are_changed_by_superusers_alone(at_helper: Client, helper: User, judge: User, admin: Client) -> None:
    group = judge.groups.get()
    helper.groups.add(group)
    fields = {"name": "judges", "permissions": [permission("delete_player").pk]}
    change, listed = reverse("admin:auth_group_change", args=[group.pk]), reverse("admin:auth_group_changelist")
    assert at_helper.post(change, fields).status_code == 403
    assert at_helper.post(reverse("admin:auth_group_add"), {**fields, "name": "mine"}).status_code == 403
    assert at_helper.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"}).status_code == 403
    at_helper.post(listed, {"action": "delete_selected", "_selected_action": group.pk, "post": "yes"})
    assert list(Group.objects.get().permissions.values_list("codename", flat=True)) == ["change_game"]
    assert at_helper.get(change).status_code == 200
    assert admin.post(change, fields).status_code == 302
    assert list(Group.objects.get().permissions.values_list("codename", flat=True)) == ["delete_player"]


def test_a_superuser_gives_rights(admin: Client, alice: Player, judge: User) -> None:
    assert admin.post(page_of(alice.user), form(alice.user, **everything())).status_code == 302
    assert rights(alice.user)[:2] == (True, True)
