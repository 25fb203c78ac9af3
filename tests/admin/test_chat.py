"""Chat in the admin: who may read it, deleting lines, muting people, and lines beside a report."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from games.chat.models import Chatter, Line, Room
from games.models import Game, Player
from lobby.models import Report, User
from tests.support.said import store_line
from tests.support.stored_games import ALICE_WINS, store_finished, store_game

pytestmark = pytest.mark.django_db(transaction=True)
LINES = reverse("admin:chat_line_changelist")
PEOPLE = reverse("admin:chat_chatter_changelist")


@pytest.fixture
def game(alice: Player, bob: Player) -> Game:
    return store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)


def staff(*rights: str) -> Client:
    """The browser of somebody with these rights and no others."""
    user = User.objects.create_user("helper", is_staff=True)
    permissions = Permission.objects.filter(codename__in=rights)
    assert permissions.count() == len(rights)
    user.user_permissions.set(permissions)
    client = Client()
    client.force_login(user)
    return client


def act(client: Client, where: str, action: str, *rows: Any) -> Any:
    form = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(where, form, follow=True)


def notes(row: Any) -> list[str]:
    """What the admin's log says of a row."""
    kind = ContentType.objects.get_for_model(row)
    entries = LogEntry.objects.filter(content_type=kind, object_id=str(row.pk)).order_by("pk")
    return [f"{entry.user.username}: {entry.get_change_message()}" for entry in entries]


def test_lines_are_read_by_whoever_has_the_right(game: Game, alice: Player, texts: Callable[[Any], str]) -> None:
    line = store_line(game, alice, "<b>you</b> cheat\u202e")
    client = staff("view_line")
    answer = client.get(LINES)
    assert b"&lt;b&gt;you&lt;/b&gt; cheat" in answer.content
    assert "<bdi>" in texts(answer)
    page = client.get(reverse("admin:chat_line_change", args=[line.pk]))
    assert b"&lt;b&gt;you&lt;/b&gt; cheat" in page.content


@pytest.mark.parametrize("rights", [(), ("view_game", "change_game", "view_player"), ("view_report", "change_report"),
                                    ("delete_line", "change_chatter", "view_chatter")])  # fmt: skip
def test_nobody_else_reads_lines(rights: tuple[str, ...], game: Game, alice: Player, bob: Player) -> None:
    line = store_line(game, alice, "between us")
    report = Report.objects.create(reporter=bob, reported=alice, game=game, reason="rude", at=timezone.now())
    client = staff(*rights)
    addresses = [
        LINES, PEOPLE, reverse("admin:index"), reverse("admin:chat_line_change", args=[line.pk]),
        f"{LINES}?q=between", reverse("admin:chat_line_history", args=[line.pk]),
        reverse("admin:games_game_change", args=[game.pk]), reverse("admin:games_player_change", args=[alice.pk]),
        reverse("admin:lobby_report_change", args=[report.pk]), reverse("admin:lobby_report_changelist"),
    ]  # fmt: skip
    statuses = {address: client.get(address) for address in addresses}
    assert not [address for address, answer in statuses.items() if b"between us" in answer.content]
    assert statuses[LINES].status_code == 403


def test_nothing_is_added_or_altered_by_hand(admin: Client, game: Game, alice: Player) -> None:
    line = store_line(game, alice, "hello")
    assert admin.get(reverse("admin:chat_line_add")).status_code == 403
    assert admin.post(reverse("admin:chat_line_change", args=[line.pk]), {"text": "x"}).status_code == 403
    assert admin.post(reverse("admin:chat_line_delete", args=[line.pk]), {"post": "yes"}).status_code == 403
    assert Line.objects.get().text == "hello"


def test_a_line_is_deleted_for_all_but_moderators_and_that_is_recorded(
    admin: Client, game: Game, alice: Player, texts: Callable[[Any], str], said: Callable[[Any], list[str]]
) -> None:
    line = store_line(game, alice, "rude words")
    assert said(act(admin, LINES, "delete_lines", line)) == ["Deleted: 1."]
    line.refresh_from_db()
    assert (line.deleted_by.username, line.text) == ("boss", "rude words")
    assert Room.objects.get().revision == 1
    assert notes(line) == ["boss: Deleted the line."]
    assert "rude words" not in str(LogEntry.objects.values_list())
    assert "deleted by boss" in texts(admin.get(LINES))
    at = line.deleted_at
    assert said(act(admin, LINES, "delete_lines", line))[-1] == "1 had been deleted already."
    line.refresh_from_db()
    assert line.deleted_at == at


def test_people_are_muted_and_unmuted_and_that_is_recorded(
    admin: Client, game: Game, alice: Player, said: Callable[[Any], list[str]]
) -> None:
    line = store_line(game, alice, "rude words")
    before = timezone.now()
    act(admin, LINES, "mute_for_a_while", line, store_line(game, alice, "more"))
    chatter = Chatter.objects.get()
    assert timedelta(minutes=15) <= chatter.muted_until - before < timedelta(minutes=20)
    assert (chatter.is_muted(before), chatter.is_muted(chatter.muted_until)) == (True, False)
    act(admin, PEOPLE, "mute_for_good", chatter)
    chatter.refresh_from_db()
    assert chatter.is_muted(before + timedelta(days=3650))
    act(admin, PEOPLE, "unmute", chatter)
    chatter.refresh_from_db()
    assert not chatter.is_muted(timezone.now())
    assert said(act(admin, PEOPLE, "unmute", chatter)) == ["alice is not muted."]
    first, *others = notes(chatter)
    assert first.startswith("boss: Muted until ")
    assert others == ["boss: Muted for good.", "boss: Unmuted."]


@pytest.mark.parametrize("rights", [("view_line",), ("view_line", "view_chatter")])
def test_who_may_only_look_changes_nothing(rights: tuple[str, ...], game: Game, alice: Player) -> None:
    line, client = store_line(game, alice, "hello"), staff(*rights)
    for action in ("delete_lines", "mute_for_a_while", "mute_for_good", "unmute", "delete_selected"):
        act(client, LINES, action, line)
    line.refresh_from_db()
    assert line.deleted_at is None
    assert not Chatter.objects.exists()


def test_what_people_have_chosen_is_not_shown(admin: Client, alice: Player, texts: Callable[[Any], str]) -> None:
    Chatter.objects.create(player=alice, is_off=True)
    assert "0 people in chat" in texts(admin.get(PEOPLE))


def test_a_report_has_the_lines_of_the_series_beside_it(
    admin: Client, alice: Player, bob: Player, game: Game, texts: Callable[[Any], str]
) -> None:
    following = store_game(bob, alice, rematch_of=game)
    store_line(game, alice, "<i>loser</i>")
    store_line(following, bob, "calm down")
    store_line(game, alice, "seen by the crowd", "spectators")
    store_line(store_game(alice, bob), alice, "another series")
    deleted = store_line(game, alice, "already deleted", deleted_at=timezone.now())
    report = Report.objects.create(reporter=bob, reported=alice, game=following, reason="rude", at=timezone.now())
    answer = admin.get(reverse("admin:lobby_report_change", args=[report.pk]))
    text = texts(answer)
    assert b"&lt;i&gt;loser&lt;/i&gt;" in answer.content
    assert "another series" not in text
    for words in ("calm down", "seen by the crowd", "already deleted", f"participants, {game.pk}", "this game"):
        assert words in text
    assert text.index("loser") < text.index("already deleted")
    assert reverse("admin:chat_line_change", args=[deleted.pk]) in text
