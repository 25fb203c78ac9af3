"""Seeking over `/ws/lobby/`, on real servers: who is paired, who is told, and when a seek ends."""

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest

from games.models import Game
from lobby.models import Pairing, Seek, User
from tests.lobby.pairing.seeking import MINUTE, SHORT, first, lobby
from tests.support.servers import ServerProcess, running
from tests.support.stories import in_store, story
from tests.support.wire import Client

pytestmark = pytest.mark.django_db(transaction=True)


@story
async def test_two_who_seek_the_same_are_in_a_game_at_once(
    server: ServerProcess, alice: User, bob: User, sessions: list[str]
) -> None:
    async with lobby(server, sessions[0]) as at_alice, lobby(server, sessions[1], "?lists=none") as at_bob:
        assert first(at_alice)["seek"] is None
        await at_alice.say("seek", id="mine", **MINUTE)
        seeking = await at_alice.hear("seeking")
        assert (seeking["id"], seeking["timeControl"], seeking["rated"]) == ("mine", MINUTE["timeControl"], False)
        assert seeking["since"].endswith("Z")
        await at_bob.say("seek", **MINUTE)
        game_id = (await at_alice.hear("paired"))["game"]
        assert (await at_bob.hear("paired"))["game"] == game_id
        for one in (at_alice, at_bob):
            await one.hear("seek_ended")
    game = await Game.objects.select_related("participant1", "participant2").aget(pk=game_id)
    assert (game.participant1.name, game.participant2 and game.participant2.name) == ("alice", "bob")
    assert (game.state, game.visibility, game.initial, game.increment) == ("in-progress", "public", 60, 0)
    assert not await Seek.objects.aexists()
    async with Client(server.ws_url, f"/ws/games/{game_id}/", sessions[0]) as player:
        snapshot = await player.hear("snapshot")
        assert (snapshot["you"], snapshot["game"]["version"]) == (1, 1)
        assert snapshot["game"]["clock"]["firstMoveBy"]


@story
async def test_every_connection_of_both_is_told_and_two_tabs_are_one_seek(
    server: ServerProcess, sessions: list[str]
) -> None:
    async with AsyncExitStack() as stack:
        one, other = [await stack.enter_async_context(lobby(server, sessions[0])) for _ in "ab"]
        bob = await stack.enter_async_context(lobby(server, sessions[1], "?lists=none"))
        await one.say("seek", id=1, **MINUTE)
        await one.hear("seeking")
        heard = await other.hear("seeking")
        assert "id" not in heard
        await other.say("seek", id=2, **MINUTE)
        again = await other.hear("seeking")
        assert (again["id"], again["since"]) == (2, heard["since"]), "the same wish waits since the first time"
        await asyncio.sleep(1.2)
        assert await Seek.objects.acount() == 1
        assert not await Game.objects.aexists(), "nobody is paired with oneself"
        await bob.say("seek", **MINUTE)
        games = {(await client.hear("paired"))["game"] for client in (one, other, bob)}
        assert len(games) == 1
        assert await Game.objects.acount() == 1


@story
async def test_another_wish_takes_the_place_of_the_first(server: ServerProcess, sessions: list[str]) -> None:
    async with lobby(server, sessions[0]) as alice, lobby(server, sessions[1]) as bob:
        await alice.say("seek", **MINUTE)
        await alice.hear("seeking")
        await alice.say("seek", **SHORT)
        assert (await alice.hear("seeking"))["timeControl"] == SHORT["timeControl"]
        await bob.say("seek", **MINUTE)
        await bob.hear("seeking")
        await asyncio.sleep(1.2)
        assert not await Game.objects.aexists()
        await bob.say("seek", **SHORT)
        await bob.hear("paired")


@story
async def test_a_seek_is_cancelled(server: ServerProcess, sessions: list[str]) -> None:
    async with lobby(server, sessions[0]) as alice, lobby(server, sessions[0]) as other_tab:
        await alice.say("seek", **MINUTE)
        await other_tab.hear("seeking")
        await other_tab.say("sync")
        assert (await other_tab.hear("lobby_snapshot"))["seek"]["timeControl"] == MINUTE["timeControl"]
        await other_tab.say("cancel_seek", id="stop")
        assert (await other_tab.hear("seek_ended"))["id"] == "stop"
        await alice.hear("seek_ended")
        assert not await Seek.objects.aexists()
        await alice.say("cancel_seek", id="again")
        assert (await alice.hear("seek_ended"))["id"] == "again"
        await alice.say("sync")
        assert (await alice.hear("lobby_snapshot"))["seek"] is None


BAD: list[dict[str, Any]] = [
    {},
    {"timeControl": None, "rated": False},
    {"timeControl": {"initial": 60}, "rated": False},
    {"timeControl": {"daysPerMove": 1}, "rated": False},
    {"timeControl": {"initial": 14, "increment": 0}, "rated": False},
    {"timeControl": {"initial": 3601, "increment": 0}, "rated": False},
    {"timeControl": {"initial": 60, "increment": 61}, "rated": False},
    {"timeControl": {"initial": 60.5, "increment": 0}, "rated": False},
    {"timeControl": {"initial": "60", "increment": 0}, "rated": False},
    {"timeControl": {"initial": 60, "increment": 0, "more": 1}, "rated": False},
    {"timeControl": MINUTE["timeControl"], "rated": 0},
    {**MINUTE, "ratingRange": [1500]},
    {**MINUTE, "ratingRange": [1600, 1500]},
    {**MINUTE, "ratingRange": [-1, 1500]},
    {**MINUTE, "ratingRange": "all"},
    {**MINUTE, "colour": "red"},
]


@story
async def test_bad_fields_are_refused(server: ServerProcess, sessions: list[str]) -> None:
    async with lobby(server, sessions[0]) as alice:
        for fields in BAD:
            assert await alice.refused("seek", **fields) == "invalid_message", fields
        assert await alice.refused("cancel_seek", game="A9F3QX") == "invalid_message"
        await alice.say("seek", **MINUTE)
        await alice.hear("seeking")


@story
async def test_who_may_not_seek_is_told_why_and_stays_connected(server: ServerProcess, sessions: list[str]) -> None:
    async with lobby(server, None) as stranger, lobby(server, sessions[0]) as alice:
        assert await stranger.refused("seek", **MINUTE) == "unauthenticated"
        assert await stranger.refused("cancel_seek") == "unauthenticated"
        assert await alice.refused("seek", **{**MINUTE, "rated": True}) == "not_rated"
        for one in (stranger, alice):
            await one.say("ping")
            await one.hear("pong")


@story
async def test_the_first_move_goes_to_who_had_it_less_often_lately(
    server: ServerProcess, alice: User, bob: User, sessions: list[str]
) -> None:
    movers = []
    async with lobby(server, sessions[0]) as at_alice, lobby(server, sessions[1]) as at_bob:
        for _ in range(6):
            for one in (at_alice, at_bob):
                await one.say("seek", **MINUTE)
            game_id = (await at_alice.hear("paired"))["game"]
            await at_bob.hear("paired")
            game = await Game.objects.aget(pk=game_id)
            movers.append(game.participant1_id if game.first_move == 1 else game.participant2_id)
            await Pairing.objects.aupdate(opened=True)
    assert [movers.count(alice.pk), movers.count(bob.pk)] == [3, 3]


@story
async def test_games_of_pairs_are_not_counted_among_those_of_an_hour(
    tmp_path: Any, alice: User, bob: User, sessions: list[str], test_database_url: str
) -> None:
    with running("uvicorn", tmp_path, DATABASE_URL=test_database_url, GAMES_PER_USER_PER_HOUR="1") as server:
        async with lobby(server, sessions[0]) as at_alice, lobby(server, sessions[1]) as at_bob:
            for count in range(1, 4):
                for one in (at_alice, at_bob):
                    await one.say("seek", **MINUTE)
                await at_alice.hear("paired")
                await at_bob.hear("paired")
                assert await Game.objects.acount() == count
                await Pairing.objects.aupdate(opened=True)


@story
async def test_who_asks_too_often_is_refused_for_a_while(
    tmp_path: Any, sessions: list[str], test_database_url: str
) -> None:
    with running("uvicorn", tmp_path, DATABASE_URL=test_database_url, SEEKS_PER_USER_PER_MINUTE="3") as server:
        async with lobby(server, sessions[0]) as alice:
            for _ in range(3):
                await alice.say("seek", **MINUTE)
                await alice.hear("seeking")
            assert await alice.refused("seek", **MINUTE) == "rate_limited"
            await alice.say("cancel_seek")
            await alice.hear("seek_ended")


@story
async def test_blocked_people_are_kept_apart(alice: User, bob: User, charlie: User) -> None:
    from lobby.pairing import blocks, seeks

    apart = frozenset((alice.pk, bob.pk))
    blocks.provide(lambda player_ids: {apart} if apart <= {*player_ids} else set())
    try:
        now = await in_store(_put)(alice, bob)
        ids = {alice.pk, bob.pk, charlie.pk}
        assert not (await in_store(seeks.look)(ids, {60}, now)).pairs
        await in_store(_put)(charlie)
        [(one, other)] = (await in_store(seeks.look)(ids, {60}, now + timedelta(seconds=1))).pairs
        assert charlie.pk in (one.player_id, other.player_id)
        assert await in_store(_pair)(one, other, now) == 1
    finally:
        blocks._sources.pop()


def _put(*people: User) -> Any:
    from django.utils import timezone

    from games.rules.time_controls import Countdown
    from lobby.pairing import seeks

    now = timezone.now()
    seeks.put_all([seeks.Wish(one.pk, Countdown(60, 0), False, None, now) for one in people])
    return now


def _pair(one: Any, other: Any, now: Any) -> int:
    from games.runtime import call
    from lobby.pairing import seeks

    return len(call(lambda here: here.creation.create_within(lambda: seeks.pair_all([(one, other)], now))))


@story
async def test_lobbies_hear_how_many_seek_at_most_every_two_seconds(server: ServerProcess, sessions: list[str]) -> None:
    loop = asyncio.get_running_loop()
    async with lobby(server, None) as stranger, lobby(server, sessions[2], "?lists=none") as quiet:
        while (await stranger.hear("counts"))["seeking"]:
            pass  # of those who sought a moment ago
        async with lobby(server, sessions[0]) as alice, lobby(server, sessions[1]) as bob:
            await alice.hear("counts")
            await alice.say("seek", **MINUTE)
            await bob.say("seek", **SHORT)
            heard_at = loop.time()
            while (counts := await stranger.hear("counts"))["seeking"] != {"30+1": 1, "60+0": 1}:
                assert loop.time() - heard_at > 1.8
                heard_at = loop.time()
            assert counts["online"] >= 4
            await alice.say("seek", **SHORT)
            await bob.hear("paired")
            while (counts := await stranger.hear("counts"))["seeking"] or not counts["playing"]:
                pass
        await quiet.say("sync", id="end")
        while (message := json.loads(await quiet.connection.recv())).get("id") != "end":
            assert message["type"] not in ("counts", "game_listed", "game_updated")
        assert (message["waiting"], message["playing"], message["mine"]) == ([], [], [])
