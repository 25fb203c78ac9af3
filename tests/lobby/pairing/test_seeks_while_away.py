"""What becomes of a seek, and of games against the computer, while whoever seeks is away or plays."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from games.computer.opponents.players import player_of as computer_player
from games.models import Game, Player
from lobby.models import Pairing, Seek
from tests.lobby.pairing.seeking import MINUTE, first, lobby
from tests.support.servers import ServerProcess
from tests.support.stored_games import store_game
from tests.support.stories import in_store, story
from tests.support.wire import Client

pytestmark = pytest.mark.django_db(transaction=True)


@story
async def test_who_is_paired_while_away_is_told_on_coming_back(server: ServerProcess, sessions: list[str]) -> None:
    async with lobby(server, sessions[0]) as alice:
        await alice.say("seek", **MINUTE)
        await alice.hear("seeking")
    async with lobby(server, sessions[1]) as bob:
        await bob.say("seek", **MINUTE)
        game_id = (await bob.hear("paired"))["game"]
        async with lobby(server, sessions[0], "?lists=none") as alice:
            assert (first(alice)["paired"], first(alice)["seek"]) == (game_id, None)
            await alice.say("seek", **MINUTE)
            assert (await alice.hear("paired"))["game"] == game_id, "who has not seen one game gets no second one"
            async with Client(server.ws_url, f"/ws/games/{game_id}/", sessions[0]) as player:
                await player.hear("snapshot")
                async with asyncio.timeout(10):
                    while (await _synced(alice))["paired"] is not None:
                        await asyncio.sleep(0.05)
        async with lobby(server, sessions[0]) as alice:
            assert first(alice)["paired"] is None
            await alice.say("seek", **MINUTE)
            await alice.hear("seeking")
    assert await Game.objects.acount() == 1


async def _synced(client: Client) -> dict[str, Any]:
    await client.say("sync")
    return await client.hear("lobby_snapshot")


@story
async def test_coming_back_within_the_grace_keeps_the_seek(server: ServerProcess, sessions: list[str]) -> None:
    async with lobby(server, sessions[0]) as alice:
        await alice.say("seek", **MINUTE)
        since = (await alice.hear("seeking"))["since"]
    async with lobby(server, sessions[0]) as alice:
        assert first(alice)["seek"]["since"] == since
        await asyncio.sleep(2.5)
        seek = await Seek.objects.aget()
        assert seek.ends_at - seek.since > timedelta(seconds=12), "it goes on to be put off"


@story
async def test_games_against_the_computer_of_meanwhile_end(server: ServerProcess, sessions: list[str]) -> None:
    alice = await Player.objects.aget(user__username="alice")
    before = await in_store(_game_against_computer)(alice)
    async with lobby(server, sessions[0]) as at_alice, lobby(server, sessions[1]) as at_bob:
        await at_alice.say("seek", **MINUTE)
        await at_alice.hear("seeking")
        meanwhile = await in_store(_game_against_computer)(alice)
        await at_bob.say("seek", **MINUTE)
        await at_alice.hear("paired")
        await _ended(meanwhile)
        await before.arefresh_from_db()
        assert before.state == "in-progress", "not a game from before the seek"


@story
async def test_games_of_meanwhile_end_though_whoever_paired_has_died(
    server: ServerProcess, sessions: list[str]
) -> None:
    alice = await Player.objects.aget(user__username="alice")
    since = timezone.now() - timedelta(minutes=1)
    paired, meanwhile = [await in_store(_game_against_computer)(alice) for _ in "ab"]
    await Game.objects.filter(pk=paired.pk).aupdate(create_time=since - timedelta(seconds=1))
    await Pairing.objects.acreate(player=alice, game=paired, at=timezone.now(), opened=True, waited_since=since)
    async with lobby(server, sessions[1]):  # anybody's connection will do
        await _ended(meanwhile)
        async with asyncio.timeout(20):
            while await Pairing.objects.filter(waited_since__isnull=False).aexists():
                await asyncio.sleep(0.1)
    await paired.arefresh_from_db()
    assert paired.state == "in-progress"


def _game_against_computer(person: Player) -> Game:
    now = timezone.now()
    return store_game(person, computer_player(3), create_time=now, start_time=now)


async def _ended(game: Game) -> None:
    async with asyncio.timeout(60):
        while (await Game.objects.aget(pk=game.pk)).reason != "aborted":
            await asyncio.sleep(0.1)


@story
async def test_a_seek_ends_ten_seconds_after_the_last_connection(server: ServerProcess, sessions: list[str]) -> None:
    async with lobby(server, sessions[0]) as alice, lobby(server, sessions[1]) as bob:
        async with lobby(server, sessions[0]):
            await alice.say("seek", **MINUTE)
            await alice.hear("seeking")
        await asyncio.sleep(0.1)
        left = await Seek.objects.aget()
        await alice.connection.close()
        ends_at = left.ends_at
        async with asyncio.timeout(10):
            while (now := await Seek.objects.aget()).ends_at == ends_at:
                await asyncio.sleep(0.02)
        assert timedelta(seconds=9) < now.ends_at - left.since < timedelta(seconds=12)
        # Nobody waits those ten seconds here: time passes in the row.
        await Seek.objects.aupdate(ends_at=F("ends_at") - timedelta(seconds=11))
        await bob.say("seek", **MINUTE)
        await bob.hear("seeking")
        async with asyncio.timeout(10):
            while await Seek.objects.acount() != 1:
                await asyncio.sleep(0.05)
        assert not await Game.objects.aexists()
    async with lobby(server, sessions[0]) as alice:
        assert first(alice)["seek"] is None
