"""Rubbish of every kind, tens of thousands of frames of it: the server stays up, and other games don't notice."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import websockets
from websockets.frames import Frame, Opcode

from games.models import Game
from tests.support.people import Person, play_going_on
from tests.support.servers import ServerProcess, running
from tests.support.soak import IS_WHOLE
from tests.support.stored_games import store_game
from tests.support.stories import story

FRAMES = 20_000 if IS_WHOLE else 2_000
CONNECTIONS = 2_000 if IS_WHOLE else 200
SEED = 20261120

GOOD = (
    '{"type":"play_move","column":3,"ply":1,"id":"x"}',
    '{"type":"ping","version":0}',
    '{"type":"sync","id":7}',
    '{"type":"resign"}',
    '{"type":"offer_rematch"}',
)
TOKENS = ("null", "1e999", "-0", "\\ud800", "\\u0000", "[" * 900)
IDS = ("1.5", "[]", "true", "9" * 400, '"' + "x" * 65 + '"')


@pytest.fixture(scope="module")
def patient_server(test_database_url: str, tmp_path_factory: Any) -> Iterator[ServerProcess]:
    """A server that lets spectators say whatever they like, so that every frame reaches the parser."""
    folder: Path = tmp_path_factory.mktemp("patient")
    raised = {"SPECTATOR_MESSAGES_PER_20_S": "10000000", "SOCKETS_PER_ADDRESS": "100000"}
    with running("uvicorn", folder, DATABASE_URL=test_database_url, **raised) as server:
        yield server


def mutated(random: random.Random) -> str | bytes:
    """A frame that was a good one, or never was one."""
    frame = random.choice(GOOD)
    position, length = random.randrange(len(frame)), random.randrange(1, 6)
    return random.choice(
        (
            lambda: frame[:position] + frame[position + length :],
            lambda: frame[:position] + chr(random.randrange(0x20, 0xD7FF)) * length + frame[position:],
            lambda: frame.replace('"', "'"),
            lambda: frame[:position] + random.choice(TOKENS) + frame[position:],
            lambda: frame * length,
            lambda: "".join(chr(random.randrange(0x20, 0xD7FF)) for _ in range(length * 20)),
            lambda: random.randbytes(length * 10),
            lambda: f'{{"type":"ping","id":{random.choice(IDS)}}}',
            lambda: frame.replace("}", ',"type":"ping"}'),
            lambda: "",
        )
    )()


@story
async def test_a_flood_of_mutated_frames(
    patient_server: ServerProcess, game: Game, alice: Person, bob: Person, mallory: Person
) -> None:
    rubbish, other = random.Random(SEED), await asyncio.to_thread(store_game, alice.player, mallory.player)
    process = psutil.Process(patient_server.pid)
    async with play_going_on(patient_server, game, alice, bob) as took:
        memory, sent = 0, 0
        while sent < FRAMES:
            async with Person().at(patient_server, other) as client:
                try:
                    for _ in range(2000):
                        sent += 1
                        await client.say_raw(mutated(rubbish))
                        if not sent % 19:  # of twenty invalid ones in a row the last would end the connection
                            await client.say("ping", id=sent)
                            while (await client.hear()).get("id") != sent:
                                pass
                except websockets.ConnectionClosed as closed:
                    assert closed.rcvd is None or closed.rcvd.code in (4400, 4009, 1009)
            memory = memory or process.memory_info().rss
    assert took
    assert max(took) < 5
    assert process.memory_info().rss < memory + 30_000_000
    assert patient_server.get("/healthz") == 200


@story
async def test_rubbish_from_many_connections_at_once(
    patient_server: ServerProcess, game: Game, alice: Person, bob: Person, mallory: Person
) -> None:
    rubbish = random.Random(SEED)
    frames = [[mutated(rubbish) for _ in range(10)] for _ in range(CONNECTIONS)]
    other = await asyncio.to_thread(store_game, alice.player, mallory.player)

    async def attack(said: list[str | bytes]) -> None:
        async with Person().at(patient_server, other) as client:
            for frame in said:
                await client.say_raw(frame)

    async with play_going_on(patient_server, game, alice, bob):
        for start in range(0, CONNECTIONS, 50):
            await asyncio.gather(*map(attack, frames[start : start + 50]), return_exceptions=True)
    assert patient_server.get("/healthz") == 200


def raw(opcode: Opcode, data: bytes, *, fin: bool = True) -> bytes:
    frame = Frame(opcode, data, fin=fin)
    frame.check = lambda: None  # type: ignore[method-assign]  # the faults are the point
    return frame.serialize(mask=True)


WIRE_FAULTS = {
    "invalid UTF-8": raw(Opcode.TEXT, b'{"type":"\xff\xfe"}'),
    "UTF-8 cut in a fragment": raw(Opcode.TEXT, b"\xe2\x82", fin=False) + raw(Opcode.CONT, b"x"),
    "oversize": raw(Opcode.TEXT, b"x" * 5000),
    "oversize in fragments": b"".join(
        raw(Opcode.TEXT if not n else Opcode.CONT, b"x" * 1000, fin=n == 5) for n in range(6)
    ),
    "a length of 2**62": b"\x81\xff" + (2**62).to_bytes(8, "big") + b"mask",
    "compressed without being agreed on": b"\xc1\x82mask\x00\x01",
    "a continuation of nothing": raw(Opcode.CONT, b"x"),
    "a new message within another": raw(Opcode.TEXT, b"{", fin=False) + raw(Opcode.TEXT, b"}"),
    "unmasked": b"\x81\x02{}",
    "an unknown opcode": b"\x83\x80mask",
    "a long ping": raw(Opcode.PING, b"x" * 125)[:1] + b"\xfe\x00\xff" + b"mask" + b"x" * 255,
    "a close of one byte": raw(Opcode.CLOSE, b"\x03"),
    "a close with a code that there is not": raw(Opcode.CLOSE, (999).to_bytes(2, "big")),
    "half a frame": raw(Opcode.TEXT, b'{"type":"ping"}')[:7],
}


@pytest.mark.parametrize("fault", WIRE_FAULTS)
def test_faults_on_the_wire(patient_server: ServerProcess, game: Game, alice: Person, fault: str) -> None:
    @story
    async def run() -> None:
        async with Person().at(patient_server, game) as watching, Person().at(patient_server, game) as client:
            await client.hear("snapshot")
            transport: Any = client.connection.transport
            transport.write(WIRE_FAULTS[fault])
            if fault != "half a frame":
                await client.closed()
            await watching.say("ping", id="still here")
            assert (await watching.hear("pong"))["id"] == "still here"
            transport.abort()

    run()
    assert patient_server.get("/healthz") == 200


@story
async def test_a_message_in_fragments_is_one_message(patient_server: ServerProcess, game: Game, alice: Person) -> None:
    async with Person().at(patient_server, game) as client:
        await client.hear("snapshot")
        await client.connection.send(["{", '"type":"pi', 'ng","id":5', "}"])
        assert (await client.hear("pong"))["id"] == 5
