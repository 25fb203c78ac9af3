"""What people and moderators choose about chat, seen by open connections: off, hidden, blocked, muted, deleted."""

import asyncio
import http.client
from datetime import timedelta
from urllib.parse import urlencode

from django.utils import timezone

from games.chat import choices, moderation
from games.chat.models import Line
from games.models import Game
from lobby.models import User
from tests.support.chatting import PARTICIPANTS, SPECTATORS, rooms, say, texts
from tests.support.people import CSRF, Person, Table
from tests.support.said import store_line
from tests.support.servers import ServerProcess
from tests.support.stories import in_store, story
from tests.support.wire import sign_in


def _post(server: ServerProcess, person: Person, path: str, accept: str = "text/html", **fields: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        headers = {
            "Cookie": f"sessionid={person.session}; csrftoken={CSRF}", "X-CSRFToken": CSRF, "Accept": accept,
            "Content-Type": "application/x-www-form-urlencoded",
        }  # fmt: skip
        connection.request("POST", path, urlencode(fields), headers)
        return connection.getresponse().status
    finally:
        connection.close()


async def post(server: ServerProcess, person: Person, path: str, accept: str = "text/html", **fields: str) -> int:
    return await asyncio.to_thread(_post, server, person, path, accept, **fields)


JSON = "application/json"


@story
async def test_who_switches_chat_off_reads_and_says_nothing(
    lone_server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    async with Table(lone_server, game) as table:
        first, second = await table.seat(alice), await table.seat(bob)
        await rooms(first, PARTICIPANTS)
        await rooms(second, PARTICIPANTS)
        await say(second, "hello")
        assert await post(lone_server, alice, "/accounts/chat/", JSON, chat="off") == 204
        chat = (await rooms(first, PARTICIPANTS))[PARTICIPANTS]
        assert (chat["lines"], chat["may"], chat["off"]) == ([], None, True)
        await say(second, "are you there?")
        assert await first.refused("say", text="no") == "chat_unavailable"
        assert await post(lone_server, alice, "/accounts/chat/", chat="on") == 302
        chat = (await rooms(first, PARTICIPANTS))[PARTICIPANTS]
        assert [line["text"] for line in chat["lines"]] == ["hello", "are you there?"]
        assert (chat["may"], chat["off"]) == ("text", False)
        await say(first, "now I am")
        assert await post(lone_server, alice, "/accounts/chat/", JSON, chat="maybe") == 400
        assert await post(lone_server, alice, "/accounts/chat/") == 302


@story
async def test_lines_of_somebody_are_hidden_and_shown_again(
    lone_server: ServerProcess, game: Game, alice: Person, bob: Person, charlie: Person, dora: Person
) -> None:
    async with Table(lone_server, game) as table:
        reader, talker = await table.seat(charlie), await table.seat(dora)
        await rooms(reader, SPECTATORS)
        await rooms(talker, SPECTATORS)
        await say(talker, "first")
        for hide, show in (("hide", "unhide"), ("block", "unblock")):
            await post(lone_server, charlie, f"/@/DORA/{hide}/", JSON)
            assert (await rooms(reader, SPECTATORS))[SPECTATORS]["lines"] == []
            await say(talker, f"during {hide}")
            await reader.say("ping")
            assert (await reader.hear("pong", "said"))["type"] == "pong"
            assert await texts(charlie, lone_server, game) == {SPECTATORS: []}
            await post(lone_server, charlie, f"/@/dora/{show}/", JSON)
            lines = (await rooms(reader, SPECTATORS))[SPECTATORS]["lines"]
            assert lines[-1]["text"] == f"during {hide}"
        await say(talker, "last")
        assert (await reader.hear("said"))["text"] == "last"
    # The other one sees all there is: nobody is told.
    assert (await texts(dora, lone_server, game))[SPECTATORS][0] == "first"


@story
async def test_one_cannot_hide_oneself_nor_nobody(lone_server: ServerProcess, alice: Person) -> None:
    assert await post(lone_server, alice, "/@/alice/hide/", JSON) == 302
    assert await post(lone_server, alice, "/@/who-is-that/hide/", JSON) == 404
    assert await in_store(choices.hidden_by)(alice.player.pk) == []
    assert await post(lone_server, Person(), "/accounts/chat/", chat="off") == 302  # to the page for signing in


@story
async def test_who_is_muted_sees_their_own_lines_and_nobody_else_does(
    lone_server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    await in_store(moderation.mute)(bob.player, None)
    async with Table(lone_server, game) as table:
        first, second, tab = await table.seat(alice), await table.seat(bob), await table.seat(bob)
        for client in (first, second, tab):
            await rooms(client, PARTICIPANTS)
        said = await say(second, "rude words")
        assert (said["name"], said["room"]) == ("bob", PARTICIPANTS)
        assert await tab.hear("said") == said
        heard = await say(first, "hello?")
        assert await second.hear("said") == heard
        assert await texts(alice, lone_server, game) == {PARTICIPANTS: ["hello?"]}
        assert await texts(bob, lone_server, game) == {PARTICIPANTS: ["rude words", "hello?"]}
        # After it others hear again what they say, and never what they said.
        await in_store(moderation.unmute)(bob.player, timezone.now())
        await say(second, "sorry")
        assert (await first.hear("said", "chat"))["text"] == "sorry"
    assert await texts(alice, lone_server, game) == {PARTICIPANTS: ["hello?", "sorry"]}
    assert await texts(bob, lone_server, game) == {PARTICIPANTS: ["rude words", "hello?", "sorry"]}


@story
async def test_fifteen_minutes_pass(lone_server: ServerProcess, game: Game, alice: Person, bob: Person) -> None:
    await in_store(moderation.mute)(bob.player, timezone.now() - timedelta(seconds=1))
    async with Table(lone_server, game) as table:
        first, second = await table.seat(alice), await table.seat(bob)
        await rooms(first, PARTICIPANTS)
        await say(second, "back again")
        assert (await first.hear("said"))["text"] == "back again"


@story
async def test_many_shadows_do_not_push_lines_away(
    lone_server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    await in_store(_fill)(game, alice, bob)
    assert await texts(alice, lone_server, game) == {PARTICIPANTS: ["still here"]}
    assert len((await texts(bob, lone_server, game))[PARTICIPANTS]) == 50


def _fill(game: Game, alice: Person, bob: Person) -> None:
    moderation.mute(bob.player, None)
    store_line(game, alice.player, "still here")
    for number in range(120):
        store_line(game, bob.player, f"rude {number}", is_shadow=True)


@story
async def test_a_deleted_line_vanishes_at_once(
    lone_server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    moderator = await in_store(_moderator)()
    async with Table(lone_server, game) as table:
        first, second = await table.seat(alice), await table.seat(bob)
        await rooms(first, PARTICIPANTS)
        await rooms(second, PARTICIPANTS)
        await say(second, "rude words")
        await say(second, "and kind ones")
        line = await in_store(Line.objects.get)(text="rude words")
        fields = {"action": "delete_lines", "_selected_action": str(line.pk)}
        assert await post(lone_server, moderator, "/admin/chat/line/", **fields) == 302
        for client in (first, second):
            lines = (await rooms(client, PARTICIPANTS))[PARTICIPANTS]["lines"]
            assert [shown["text"] for shown in lines] == ["and kind ones"]
    assert await texts(bob, lone_server, game) == {PARTICIPANTS: ["and kind ones"]}


def _moderator() -> Person:
    return Person(None, sign_in(User.objects.create_superuser("boss", "boss@example.org")))
