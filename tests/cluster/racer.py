"""One side of many races: a process that runs commands on games through its own runtime, as fast as it can.

Reads a line of JSON (the commands), says ``ready``, waits for a line, runs them all, prints what became of each, and
reads the next.
"""

import asyncio
import json
import sys
from typing import Any

import django
from django.db import connection
from msgspec import UNSET

django.setup()

from games.game.clocks import flag_of  # noqa: E402
from games.game.commands import Adjudicate, Cancel, Command, Join  # noqa: E402
from games.game.people import HOUSE, Participant  # noqa: E402  only after Django is set up
from games.models import Player  # noqa: E402
from games.presence import absences  # noqa: E402
from games.protocol import GameError, OfferRematch, PlayMove, Resign  # noqa: E402
from games.protocol.commands import AbortGame, Claim, OfferDraw, OfferTakeback  # noqa: E402
from games.registry.registry import Registry  # noqa: E402
from games.runtime import Runtime  # noqa: E402
from lobby.accounts import bots  # noqa: E402

AT_ONCE = 12
"""Commands under way at a time: enough for batches of several games, few enough for none to wait 2 s for its turn."""


def command_of(order: dict[str, Any]) -> Command:
    """The command that an order asks for."""
    match order:
        case {"do": "move", "column": column, "ply": ply, **others}:
            return PlayMove(column=column, ply=ply, version=others.get("version", UNSET))
        case {"do": "join", "player": player, "name": name}:
            return Join(Participant(player, name))
        case {"do": "adjudicate", "winner": winner}:
            return Adjudicate(winner, "by a test")
        case {"do": "claim", "result": result}:
            return Claim(result=result)
    return {
        "takeback": OfferTakeback(),
        "resign": Resign(),
        "draw": OfferDraw(),
        "abort": AbortGame(),
        "offer": OfferRematch(),
        "cancel": Cancel(),
    }[order["do"]]


def become_bot(player_id: int) -> None:
    """As the API does it, on a thread of its own."""
    try:
        bots.become(player_id)
    finally:
        connection.close()


async def take_seat(order: dict[str, Any]) -> None:
    """Join as the API does: as whom the store says the player is, and where they may play rated."""
    here = Runtime.here()
    player = await here.reader.ask(Player.objects.get, pk=order["player"])
    await here.creation.join(order["game"], player.participant)


async def run(registry: Registry, order: dict[str, Any]) -> str:
    """What became of an order: ``done``, ``again`` (recorded before), or the code of its refusal."""
    asker = HOUSE if order["do"] in ("adjudicate", "flag") else order["player"]
    await asyncio.sleep(order.get("after_ms", 0) / 1000)
    try:
        if order["do"] == "become_bot":
            await asyncio.to_thread(become_bot, order["player"])
            return "done"
        if order["do"] == "take_seat":
            await take_seat(order)
            return "done"
        if order.get("is_back"):
            await Runtime.here().writes.do(absences.forget, [(order["game"], order["is_back"])])
        if order["do"] == "flag":
            command: Command = flag_of(await registry.view(order["game"]))
        else:
            command = command_of(order)
        _, answer = await registry.run(order["game"], asker, command)
    except GameError as refusal:
        return refusal.code.value
    return "done" if answer is None else "again"


async def race(orders: list[dict[str, Any]]) -> None:
    """Run all orders, in their order, several at a time."""
    runtime = Runtime.open()
    registry = runtime.registry
    for order in orders[:AT_ONCE]:
        await registry.view(order["game"])  # opens the connections
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    gate = asyncio.Semaphore(AT_ONCE)

    async def run_in_turn(order: dict[str, Any]) -> str:
        async with gate:
            return await run(registry, order)

    results = await asyncio.gather(*(run_in_turn(order) for order in orders))
    await runtime.close()
    print(json.dumps(results), flush=True)


if __name__ == "__main__":
    while line := sys.stdin.readline():
        asyncio.run(race(json.loads(line)))
