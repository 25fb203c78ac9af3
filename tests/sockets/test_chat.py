"""Chat beside a game: who hears what in which room, and what is refused."""

import asyncio
import http.client
import json
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from games.chat.models import Line, Room
from games.models import Game, Player
from lobby.accounts import guests
from tests.support.chatting import PARTICIPANTS, SPECTATORS, rooms, say, texts
from tests.support.people import Person, Table
from tests.support.servers import ServerProcess, running
from tests.support.stored_games import ALICE_WINS, store_finished, store_game
from tests.support.stories import in_store, story
from tests.support.wire import Client, sign_in


@pytest.fixture
def guest(transactional_db: None) -> Person:
    user = guests.make("192.0.2.7")
    return Person(Player.objects.get(pk=user.pk), sign_in(user))


async def silent(client: Client, *types: str) -> None:
    """Nothing of these types has come by the answer to a ping."""
    await client.say("ping", id="silence")
    message = await client.hear("pong", *types)
    assert message["type"] == "pong", message


@story
async def test_everybody_reads_and_speaks_in_their_own_room(
    server: ServerProcess, game: Game, alice: Person, bob: Person, charlie: Person, dora: Person, nobody: Person
) -> None:
    async with Table(server, game) as table:
        clients = {name: await table.seat(who) for name, who in {
            "alice": alice, "bob": bob, "charlie": charlie, "dora": dora, "nobody": nobody
        }.items()}  # fmt: skip
        for name, client in clients.items():
            own = PARTICIPANTS if name in ("alice", "bob") else SPECTATORS
            chat = (await rooms(client, own))[own]
            may = None if name == "nobody" else "text"
            assert chat == {"type": "chat", "room": own, "lines": [], "may": may, "off": False}
        said = await say(clients["alice"], "hello, Bob")
        assert {key: said[key] for key in ("room", "number", "name", "text")} == {
            "room": PARTICIPANTS, "number": 1, "name": "alice", "text": "hello, Bob",
        }  # fmt: skip
        assert await clients["bob"].hear("said") == said
        seen = await say(clients["charlie"], "Bob will lose")
        assert (seen["room"], seen["number"]) == (SPECTATORS, 1)
        assert await clients["dora"].hear("said") == await clients["nobody"].hear("said") == seen
        assert (await say(clients["bob"], "hello, Alice"))["number"] == 2
        await clients["alice"].hear("said")
        for client in clients.values():
            await silent(client, "said", "chat")
    assert await texts(alice, server, game) == {PARTICIPANTS: ["hello, Bob", "hello, Alice"]}
    assert await texts(nobody, server, game) == {SPECTATORS: ["Bob will lose"]}


@story
async def test_a_bot_s_lines_are_named_so(server: ServerProcess, game: Game, alice: Person, bob: Person) -> None:
    assert alice.player is not None
    await in_store(Player.objects.filter(pk=alice.player.pk).update)(bot=True)
    async with Table(server, game) as table:
        first, second = await table.seat(alice), await table.seat(bob)
        await rooms(second, PARTICIPANTS)
        assert (await say(first, "hello, Bob"))["bot"] is True
        assert (await second.hear("said"))["bot"] is True
        assert "bot" not in await say(second, "hello, Alice")
    async with bob.at(server, game) as client:
        lines = (await rooms(client, PARTICIPANTS))[PARTICIPANTS]["lines"]
        assert [line.get("bot", False) for line in lines] == [True, False]


@story
async def test_participants_read_what_spectators_said_once_the_game_is_over(
    server: ServerProcess, game: Game, alice: Person, bob: Person, charlie: Person
) -> None:
    async with Table(server, game) as table:
        first, second, third = [await table.seat(who) for who in (alice, bob, charlie)]
        await rooms(third, SPECTATORS)
        await say(third, "column 4 wins")
        await first.say("resign")
        for client in (first, second):
            await client.hear("game_finished")
            chats = await rooms(client, PARTICIPANTS, SPECTATORS)
            assert [line["text"] for line in chats[SPECTATORS]["lines"]] == ["column 4 wins"]
            assert chats[SPECTATORS]["may"] is None
        await say(third, "told you so")
        assert (await first.hear("said"))["text"] == (await second.hear("said"))["text"] == "told you so"
        await say(first, "indeed")
        await silent(third, "said", "chat")
        # A rematch goes on: what spectators say is theirs again, also on the page of the game before.
        for client in (first, second):
            await client.say("offer_rematch")
        following = (await second.hear("rematch_started"))["game"]
        await rooms(second, PARTICIPANTS)
        await say(third, "she will lose again")
        await silent(second, "said")
    assert await texts(bob, server, game) == {PARTICIPANTS: ["indeed"]}
    # One room for all of the series.
    assert await texts(bob, server, following) == {PARTICIPANTS: ["indeed"]}
    assert (await texts(charlie, server, following))[SPECTATORS][-1] == "she will lose again"


@story
async def test_lines_reach_every_game_of_a_series(
    lone_server: ServerProcess, alice: Person, bob: Person, charlie: Person
) -> None:
    first = await in_store(store_finished)(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 1)
    second = await in_store(store_game)(bob.player, alice.player, rematch_of=first)
    async with alice.at(lone_server, first) as one, bob.at(lone_server, second) as two:
        await rooms(one, PARTICIPANTS)
        await rooms(two, PARTICIPANTS)
        await say(one, "still on the old page")
        assert (await two.hear("said"))["text"] == "still on the old page"
    assert await texts(charlie, lone_server, second) == {SPECTATORS: []}


@story
async def test_who_takes_the_seat_changes_rooms(
    lone_server: ServerProcess, waiting_game: Game, alice: Person, bob: Person, charlie: Person
) -> None:
    async with Table(lone_server, waiting_game) as table:
        first, second, third = [await table.seat(who) for who in (alice, bob, charlie)]
        await rooms(second, SPECTATORS)
        await rooms(third, SPECTATORS)
        await say(first, "anybody?")
        await silent(second, "said")
        await bob.join(lone_server, waiting_game)
        chat = (await rooms(second, PARTICIPANTS))[PARTICIPANTS]
        assert [line["text"] for line in chat["lines"]] == ["anybody?"]
        await say(third, "oh, it began")
        await silent(second, "said")
        assert (await say(second, "me"))["room"] == PARTICIPANTS


@story
async def test_guests_say_presets_and_nobody_says_nothing(
    server: ServerProcess, game: Game, guest: Person, nobody: Person, charlie: Person
) -> None:
    async with Table(server, game) as table:
        client, stranger, third = [await table.seat(who) for who in (guest, nobody, charlie)]
        assert (await rooms(client, SPECTATORS))[SPECTATORS]["may"] == "presets"
        await rooms(third, SPECTATORS)
        assert await client.refused("say", text="hello") == "chat_unavailable"
        for preset, words in (("good_luck", "Good luck"), ("good_game", "Good game"), ("thanks", "Thanks")):
            await client.say("say", preset=preset)
            assert (await third.hear("said"))["text"] == words
        for fields in ({"text": "hello"}, {"preset": "thanks"}):
            assert await stranger.refused("say", **fields) == "chat_unavailable"


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"text": "x", "preset": "thanks"}, {"text": ""}, {"text": "x" * 141}, {"text": "\U0001f600" * 141},
        {"text": 1}, {"text": None}, {"text": ["x"]}, {"preset": "rude"}, {"preset": 1},
        {"text": "x", "room": "spectators"}, {"text": "\u200b\u200b"}, {"text": "   "}, {"text": "\n"},
    ],
)  # fmt: skip
@story
async def test_what_is_no_line_is_an_invalid_message(
    lone_server: ServerProcess, game: Game, alice: Person, fields: dict[str, Any]
) -> None:
    async with Table(lone_server, game) as table:
        assert await (await table.seat(alice)).refused("say", **fields) == "invalid_message"


@story
async def test_a_lone_surrogate_is_an_invalid_message(lone_server: ServerProcess, game: Game, alice: Person) -> None:
    async with Table(lone_server, game) as table:
        client = await table.seat(alice)
        await client.say_raw('{"type": "say", "text": "\\ud800"}')
        assert (await client.hear("error"))["code"] == "invalid_message"
    assert "Traceback" not in lone_server.log


ODD = {
    "<script>alert(1)</script>": None, "a\x00b": "a\u2400b", "\u202egnp.exe": None, "zero\u200bwidth": None,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467": None, "https://example.org/?a=1&b=2": None, "\"'\\/`${x}": None,
    "'; DROP TABLE chat_line; --": None,
}  # fmt: skip


@story
async def test_odd_characters_are_text(server: ServerProcess, game: Game, alice: Person, bob: Person) -> None:
    async with alice.at(server, game) as client, bob.at(server, game) as other:
        await rooms(client, PARTICIPANTS)
        await rooms(other, PARTICIPANTS)
        for number, (text, shown) in enumerate(ODD.items()):
            await (client, other)[number % 2].say("say", text=text)
            for hearer in (client, other):
                assert (await hearer.hear("said"))["text"] == (shown or text)
    assert (await texts(bob, server, game))[PARTICIPANTS] == [shown or sent for sent, shown in ODD.items()]
    assert "Traceback" not in server.log


@story
async def test_a_flood_is_refused_and_five_lines_are_not(
    server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    async with alice.at(server, game) as client, bob.at(server, game) as other:
        await rooms(client, PARTICIPANTS)
        await rooms(other, PARTICIPANTS)
        for number in range(40):
            await client.say("say", text=f"line {number}", id=number)
        errors = [await client.hear("error")]
        heard = [(await other.hear("said"))["text"] for _ in range(5)]
        assert heard == [f"line {number}" for number in range(5)]
        assert errors[0] | {"message": ""} == {"type": "error", "code": "rate_limited", "message": "", "id": 5}
        await silent(other, "said")
        # Play goes on at the same connection.
        assert (await client.play(3, 1))["ply"] == 1
    assert await in_store(Line.objects.count)() == 5


@story
async def test_what_was_said_before_leaving_is_stored(
    server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    async with bob.at(server, game) as other:
        await rooms(other, PARTICIPANTS)
        async with alice.at(server, game) as client:
            await client.hear("snapshot")
            for text in ("one", "two", "three"):
                await client.say("say", text=text)
        for text in ("one", "two", "three"):
            assert (await other.hear("said"))["text"] == text


@story
async def test_a_repeat_is_refused_and_counts_for_nothing(
    lone_server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    async with alice.at(lone_server, game) as client, bob.at(lone_server, game) as other:
        await rooms(client, PARTICIPANTS)
        await rooms(other, PARTICIPANTS)
        await say(client, "Hello")
        assert await client.refused("say", text=" hel lo ") == "rate_limited"
        await say(other, "Hello")  # another may say the same
        await say(client, "a")
        await asyncio.sleep(1.1)  # the error is told once a second
        assert await client.refused("say", text="HELLO") == "rate_limited"
        await say(client, "b")
        await say(client, "Hello")
        assert (await say(client, "fifth"))["type"] == "said"


@story
async def test_presets_come_again_in_the_next_game_of_a_series(
    lone_server: ServerProcess, alice: Person, bob: Person
) -> None:
    first = await in_store(store_finished)(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 1)
    second = await in_store(store_game)(bob.player, alice.player, rematch_of=first)
    for game in (first, second):
        async with alice.at(lone_server, game) as client:
            await rooms(client, PARTICIPANTS)
            await client.say("say", preset="good_luck")
            assert (await client.hear("said", "error"))["type"] == "said"


@story
async def test_who_comes_reads_the_last_fifty_lines(lone_server: ServerProcess, game: Game, alice: Person) -> None:
    await in_store(_fill)(game, alice, 60)
    lines = await texts(alice, lone_server, game)
    assert lines == {PARTICIPANTS: [f"line {number}" for number in range(11, 61)]}


def _fill(game: Game, person: Person, count: int) -> None:
    now = timezone.now()
    room = Room.objects.create(series=game, kind=PARTICIPANTS, last_number=count, changed_at=now)
    Line.objects.bulk_create(
        Line(room=room, number=number, game=game, player=person.player, text=f"line {number}", at=now)
        for number in range(1, count + 1)
    )


def test_a_site_may_do_without_chat(
    test_database_url: str, tmp_path: Path, game: Game, alice: Person, transactional_db: None
) -> None:
    @story
    async def talk(server: ServerProcess) -> None:
        async with alice.at(server, game) as client:
            assert await client.refused("say", text="hello") == "chat_unavailable"
            await silent(client, "chat")

    with running("uvicorn", tmp_path, DATABASE_URL=test_database_url, CHAT="false") as server:
        talk(server)


@story
async def test_lines_are_not_in_the_api_nor_in_snapshots(
    lone_server: ServerProcess, game: Game, alice: Person, charlie: Person
) -> None:
    async with alice.at(lone_server, game) as client, charlie.at(lone_server, game) as other:
        await rooms(client, PARTICIPANTS)
        await say(client, "between us")
        await other.say("sync")
        assert "between us" not in json.dumps(await other.hear("snapshot"))
    for path in ("", "moves/", "export/?format=json", "export/?format=text"):
        answer = await asyncio.to_thread(_get, lone_server, f"/api/games/{game.pk}/{path}", charlie)
        assert answer[0] == 200
        assert "between us" not in answer[1]
    answer = await asyncio.to_thread(_get, lone_server, f"/api/games/{game.pk}/chat/", charlie)
    assert answer[0] == 404


def _get(server: ServerProcess, path: str, person: Person) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.request("GET", path, headers={"Cookie": f"sessionid={person.session}"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()
