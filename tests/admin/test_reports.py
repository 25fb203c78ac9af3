"""The queue of reports: what a moderator sees, and closing them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from games.models import Player
from lobby.models import Report, User
from tests.support.stored_games import ALICE_WINS, player, store_finished

LIST = reverse("admin:lobby_report_changelist")


def reported(by: Player, about: Player, text: str = "He played too well.", **fields: Any) -> Report:
    return Report.objects.create(reporter=by, reported=about, reason="cheating", text=text, at=timezone.now(), **fields)


def close(client: Client, action: str, *reports: Report) -> Any:
    form = {"action": action, "_selected_action": [report.pk for report in reports]}
    return client.post(LIST, form, follow=True)


def test_the_queue_shows_who_why_and_the_game(
    admin: Client, alice: Player, bob: Player, texts: Callable[[Any], str]
) -> None:
    game = store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)
    report = reported(bob, alice, "<b>Look</b>", game=game)
    reported(bob, alice)
    answer = admin.get(LIST)
    text = texts(answer)
    assert "board-small" in text
    assert reverse("admin:games_game_change", args=[game.pk]) in text
    assert "Uses a computer" in text
    assert b"<b>Look</b>" not in answer.content
    assert {row.open_count for row in answer.context["cl"].result_list} == {2}
    page = texts(admin.get(reverse("admin:lobby_report_change", args=[report.pk])))
    assert "alice won: four in a row" in page
    assert "board-small" in page


def test_closed_ones_are_out_of_the_queue_and_stay(admin: Client, alice: Player, bob: Player) -> None:
    one, two = reported(bob, alice), reported(bob, alice)
    close(admin, "close_as_acted", one)
    one.refresh_from_db()
    assert (one.verdict, one.closed_by.username) == ("acted", "boss")
    shown = {state: [row.pk for row in admin.get(LIST, {"state": state}).context["cl"].result_list]
             for state in ("", "closed", "all")}  # fmt: skip
    assert shown == {"": [two.pk], "closed": [one.pk], "all": [two.pk, one.pk]}
    # What one moderator has closed, another doesn't close again.
    answer = close(admin, "close_as_dismissed", two)
    assert "Closed: 1." in answer.content.decode()
    at = one.closed_at
    form = {"action": "close_as_dismissed", "_selected_action": [one.pk]}
    answer = admin.post(f"{LIST}?state=all", form, follow=True)
    assert "closed already" in answer.content.decode()
    one.refresh_from_db()
    assert (one.verdict, one.closed_at) == ("acted", at)


@pytest.mark.parametrize(("rights", "may_look", "may_close"), [
    ([], False, False), (["view_report"], True, False), (["view_report", "change_report"], True, True),
])  # fmt: skip
def test_rights(rights: list[str], may_look: bool, may_close: bool, alice: Player, bob: Player) -> None:
    user = User.objects.create_user("moderator", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(user)
    report = reported(bob, alice)
    assert (client.get(LIST).status_code == 200) is may_look
    close(client, "close_as_acted", report)
    report.refresh_from_db()
    assert (report.closed_at is not None) is may_close
    assert client.get(reverse("admin:lobby_report_add")).status_code == 403
    assert client.post(reverse("admin:lobby_report_delete", args=[report.pk]), {"post": "yes"}).status_code == 403


def test_queries_do_not_grow_with_the_reports(admin: Client, alice: Player, bob: Player) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(LIST).status_code == 200
        return len(queries)

    reported(bob, alice, game=store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1))
    few = count()
    for number in range(10):
        other = player(f"p{number}")
        reported(other, alice, game=store_finished(other, bob, ALICE_WINS, "four_in_a_row", 1))
    assert count() == few


def test_a_guests_account_is_nobodys_to_change(admin: Client, alice: Player) -> None:
    Player.objects.filter(pk=alice.pk).update(guest=True)
    address = reverse("admin:lobby_user_change", args=[alice.pk])
    assert admin.get(address).status_code == 200  # to look at
    assert (
        admin.post(address, {"username": "dora", "email": "", "is_active": "on", "is_staff": "on"}).status_code == 403
    )
    password = reverse("admin:auth_user_password_change", args=[alice.pk])
    form = {"password1": "correct-horse-42", "password2": "correct-horse-42", "usable_password": "true"}
    assert admin.post(password, form).status_code == 403
    alice.user.refresh_from_db()
    assert (alice.user.is_staff, alice.user.has_usable_password()) == (False, False)
