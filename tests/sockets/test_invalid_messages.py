"""Frames that are no command: each gets its error, none a traceback, and the connection lives on."""

import json

import pytest

from games.models import Game
from tests.support.people import Person, Table
from tests.support.servers import ServerProcess
from tests.support.stories import story

DEEP = 1500

INVALID = {
    "empty": "",
    "not JSON": "{",
    "two objects": '{"type":"sync"}{"type":"sync"}',
    "a word": "NaN",
    "an array": "[]",
    "a string": '"sync"',
    "null": "null",
    "no type": '{"column":3}',
    "unknown type": '{"type":"game.event","text":"x"}',
    "a type that is no string": '{"type":3}',
    "an event": '{"type":"move_played","version":2}',
    "an extra field": '{"type":"sync","more":1}',
    "a missing field": '{"type":"play_move","column":3}',
    "true for a column": '{"type":"play_move","column":true,"ply":1}',
    "a string for a column": '{"type":"play_move","column":"3","ply":1}',
    "a fraction": '{"type":"play_move","column":3.0,"ply":1}',
    "an exponent": '{"type":"play_move","column":3e0,"ply":1}',
    "null for a ply": '{"type":"play_move","column":3,"ply":null}',
    "an object for an id": '{"type":"sync","id":{}}',
    "a long id": json.dumps({"type": "sync", "id": "x" * 65}),
    "a lone surrogate": '{"type":"sync","id":"\\ud800"}',
    "a NUL": '{"type":"sync\\u0000"}',
    "a bare NUL": '{"type":"sync\0"}',
    "deep arrays": "[" * DEEP + "]" * DEEP,
    "deep objects": '{"a":' * (DEEP // 3) + "1" + "}" * (DEEP // 3),
    "a deep field": '{"type":"sync","id":' + "[" * DEEP + "]" * DEEP + "}",
    "binary": b'{"type":"sync"}',
    "bytes that are no text": b"\xff\x00\xfe",
    "nothing, in binary": b"",
}


@story
async def test_each_is_answered_and_forgiven(server: ServerProcess, game: Game, alice: Person) -> None:
    async with Table(server, game) as table:
        client = await table.seat(alice)
        for name, frame in INVALID.items():
            await client.say_raw(frame)
            error = await client.hear("error")
            assert error["code"] == "invalid_message", name
            assert error["message"], name
            await client.say("ping", id=name)
            assert (await client.hear("pong"))["id"] == name
    assert "Traceback" not in server.log


@story
async def test_the_id_of_an_invalid_message_comes_back_where_it_has_one(
    lone_server: ServerProcess, game: Game, alice: Person
) -> None:
    async with Table(lone_server, game) as table:
        client = await table.seat(alice)
        assert await client.refused("shout") == "invalid_message"
        await client.say("sync", id=[1])
        assert "id" not in await client.hear("error")


@story
async def test_twenty_in_a_row_end_the_connection(server: ServerProcess, game: Game, alice: Person) -> None:
    async with Table(server, game) as table:
        client = await table.seat(alice)
        for _ in range(19):
            await client.say_raw("?")
        await client.say("ping", id="good")
        while "id" not in await client.hear():
            pass
        for _ in range(20):
            await client.say_raw("?")
        for _ in range(20):
            assert (await client.hear("error"))["code"] == "invalid_message"
        assert await client.closed() == 4400


@pytest.mark.parametrize("binary", [False, True])
@story
async def test_a_message_over_4_kib_ends_the_connection(
    server: ServerProcess, game: Game, alice: Person, binary: bool
) -> None:
    """Counted in UTF-8 bytes: 1365 signs of three bytes each and two quotes are one too many."""
    longest = '"' + "\u20ac" * 1364 + '"  '
    assert len(longest.encode()) == 4096
    async with Table(server, game) as table:
        client = await table.seat(alice)
        await client.say_raw(longest)
        assert (await client.hear("error"))["code"] == "invalid_message"
        too_long = '"' + "\u20ac" * 1365 + '"'
        await client.say_raw(too_long.encode() if binary else too_long)
        assert await client.closed() in (4009, 1009)
