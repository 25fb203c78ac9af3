"""The hub, on the real store and the real layer: what listeners hear when games come, change and go."""

import asyncio
import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from games.game.commands import Abort, Cancel
from games.game.people import HOUSE
from games.models import Game, Move, Player
from games.protocol import GameError, Resign, Sync, Visibility
from games.runtime import Runtime
from lobby.live_list import hub as hub_module
from lobby.live_list import listing
from lobby.live_list.hub import Hub
from lobby.models import User
from tests.support.lobbies import WITHIN, create, heard, in_a_loop, join, listening, play, told
from tests.support.site import is_about, running_game, waiting_game
from tests.support.stored_games import append_disc

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_snapshot_tells_everything(alice: User, bob: User, charlie: User) -> None:
    waiting, running = waiting_game(alice), running_game(alice, bob, "44")
    secret = running_game(bob, charlie, visibility="private")

    async def story() -> None:
        hub = Hub.here()
        for user, mine in ((None, []), (alice, [waiting, running]), (bob, [running, secret]), (charlie, [secret])):
            listener = hub.join(user and user.pk)
            await hub.admit(listener)
            snapshot = await heard(listener)
            assert [game["id"] for game in snapshot["waiting"]] == [waiting.pk]
            assert [game["id"] for game in snapshot["playing"]] == [running.pk]
            assert {game["id"] for game in snapshot["mine"]} == {game.pk for game in mine}
            assert (snapshot["waitingCount"], snapshot["playingCount"]) == (1, 1)
            assert snapshot["playing"][0]["moves"] == [3, 3]
            listener.leave()

    in_a_loop(story)


def test_a_game_is_followed_from_its_making_to_its_end(alice: User, bob: User) -> None:
    async def story() -> None:
        async with listening(None) as listener:
            game_id = await create(alice)
            message = await heard(listener)
            assert (message["type"], message["game"]["id"], message["game"]["state"]) == (
                "game_listed", game_id, "waiting"
            )  # fmt: skip
            await join(bob, game_id)
            message = await heard(listener)
            assert (message["type"], message["game"]["state"]) == ("game_updated", "in-progress")
            await play(alice, game_id, 3, 1)
            message = await heard(listener)
            assert (message["type"], message["game"]["moves"]) == ("game_updated", [3])
            await Runtime.here().registry.run(game_id, bob.pk, Resign())
            assert await heard(listener) == {"type": "game_unlisted", "id": game_id}

    in_a_loop(story)


def test_a_cancelled_game_goes(alice: User) -> None:
    async def story() -> None:
        async with listening(None) as listener:
            game_id = await create(alice)
            await heard(listener, "game_listed")
            await Runtime.here().registry.run(game_id, alice.pk, Cancel())
            assert await heard(listener) == {"type": "game_unlisted", "id": game_id}

    in_a_loop(story)


def test_a_private_game_is_told_to_its_participants_alone(alice: User, bob: User) -> None:
    async def story() -> None:
        async with listening(None) as nobody, listening(bob) as at_bob, listening(alice) as at_alice:
            secret = await create(alice, Visibility.PRIVATE)
            assert (await heard(at_alice))["game"]["id"] == secret
            await join(bob, secret)
            assert (await heard(at_bob))["type"] == "game_listed"
            assert (await heard(at_alice))["type"] == "game_updated"
            await play(alice, secret, 0, 1)
            assert (await heard(at_bob))["game"]["moves"] == [0]
            public = await create(alice)
            assert (await heard(nobody))["game"]["id"] == public, "the first that a stranger hears of"
            await Runtime.here().registry.run(secret, HOUSE, Abort("for the test"))
            assert (await heard(at_bob, "game_unlisted"))["id"] == secret

    in_a_loop(story)


def test_a_creator_who_is_gone_is_unlisted_to_others_and_listed_again_on_return(alice: User) -> None:
    async def story() -> None:
        async with listening(None) as listener, listening(alice) as at_alice:
            game_id = await create(alice)
            await heard(listener, "game_listed")
            await heard(at_alice, "game_listed")
            long_ago = timezone.now() - timedelta(seconds=31)
            await told(lambda: Player.objects.filter(pk=alice.pk).update(seen_at=long_ago))
            assert await heard(listener) == {"type": "game_unlisted", "id": game_id}
            await told(is_about, alice)
            assert (await heard(listener))["type"] == "game_listed"
            # To Alice it was hers all the time.
            await Runtime.here().registry.run(game_id, alice.pk, Cancel())
            assert await heard(at_alice) == {"type": "game_unlisted", "id": game_id}

    in_a_loop(story)


def test_a_game_that_goes_quiet_is_unlisted(alice: User, bob: User) -> None:
    game = running_game(alice, bob, "4")

    def grow_old() -> None:
        Game.objects.update(start_time=timezone.now() - timedelta(minutes=20))
        Move.objects.update(at=timezone.now() - timedelta(minutes=11))

    async def story() -> None:
        async with listening(None) as listener:
            await told(grow_old)
            assert await heard(listener) == {"type": "game_unlisted", "id": game.pk}

    in_a_loop(story)


def test_a_change_that_nobody_announced_is_found(alice: User, bob: User) -> None:
    game = running_game(alice, bob, "4")

    async def story() -> None:
        async with listening(None) as listener:
            await told(lambda: append_disc(game, 0, timezone.now()))
            message = await heard(listener)
            assert (message["type"], message["game"]["moves"]) == ("game_updated", [3, 0])

    in_a_loop(story)


def test_who_moves_up_when_a_full_list_gets_room(alice: User, bob: User) -> None:
    games = [running_game(alice, bob, start_time=timezone.now() - timedelta(minutes=5, seconds=-n)) for n in range(25)]

    async def story() -> None:
        async with listening(None) as listener:
            await Runtime.here().registry.run(games[-1].pk, alice.pk, Resign())
            messages = [await heard(listener), await heard(listener)]
            assert {(message["type"], message.get("id") or message["game"]["id"]) for message in messages} == {
                ("game_unlisted", games[-1].pk),
                ("game_listed", games[0].pk),
            }

    in_a_loop(story)


def test_flushes_are_rare_and_hold_each_game_once(alice: User, bob: User) -> None:
    games = [running_game(alice, bob) for _ in range(3)]

    async def story() -> None:
        loop = asyncio.get_running_loop()
        flushes: list[tuple[float, list[str]]] = []
        async with listening(None) as listener:
            put = listener.put

            def note(frames: list[str], flush: int) -> None:
                flushes.append((loop.time(), frames))
                put(frames, flush)

            listener.put = note  # type: ignore[method-assign]  # to see when flushes come
            for ply, column in enumerate([0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 4, 5], start=1):
                for game in games:
                    await play((bob, alice)[ply % 2], game.pk, column, ply)
                await told(Game.objects.count)
            latest: dict[str, int] = {}
            while set(latest.values()) != {12} or len(latest) < 3:
                message = await heard(listener, "game_updated")
                latest[message["game"]["id"]] = len(message["game"]["moves"])
        gaps = [later - sooner for (sooner, _), (later, _) in pairwise(flushes)]
        assert all(gap >= hub_module.FLUSH_INTERVAL for gap in gaps)
        for _, frames in flushes:
            ids = [json.loads(frame)["game"]["id"] for frame in frames]
            assert len(ids) == len(set(ids))

    in_a_loop(story)


def test_an_event_is_encoded_once_for_everybody(alice: User, bob: User, charlie: User) -> None:
    game = running_game(alice, bob)

    async def story() -> None:
        async with listening(None) as one, listening(None) as other, listening(charlie) as third, listening(bob) as own:
            await play(alice, game.pk, 3, 1)
            async with asyncio.timeout(WITHIN):
                texts = [await listener.next() for listener in (one, other, third, own)]
            assert all(text is texts[0] for text in texts)

    in_a_loop(story)


def test_sync_is_answered_with_its_id_and_supersedes_what_waits(alice: User, bob: User) -> None:
    game = running_game(alice, bob)

    async def story() -> None:
        async with listening(None) as listener, listening(None) as other:
            await play(alice, game.pk, 3, 1)
            await heard(other, "game_updated")
            listener.ask(Sync(id="a"))
            listener.ask(Sync(id=7))
            for command_id in ("a", 7):
                message = await heard(listener)
                assert (message["type"], message["id"]) == ("lobby_snapshot", command_id)
                assert message["playing"][0]["moves"] == [3]
            await play(bob, game.pk, 3, 2)
            assert (await heard(listener))["game"]["moves"] == [3, 3]

    in_a_loop(story)


def test_the_store_may_be_away_for_a_while(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    catch_up = listing.catch_up
    is_away = True
    loop: asyncio.AbstractEventLoop
    fails: asyncio.Semaphore

    def fail_while_away(*args: Any) -> Any:
        if is_away:
            loop.call_soon_threadsafe(fails.release)
            raise OperationalError("away, for the test")
        return catch_up(*args)

    async def story() -> None:
        nonlocal is_away, loop, fails
        loop, fails = asyncio.get_running_loop(), asyncio.Semaphore(0)
        monkeypatch.setattr(listing, "catch_up", fail_while_away)
        hub = Hub.here()
        refused = hub.join(None)
        with pytest.raises(GameError, match="try_again"):
            await hub.admit(refused)
        refused.leave()
        is_away = False
        async with listening(None) as listener:
            is_away = True
            game_id = await create(alice)
            async with asyncio.timeout(WITHIN):
                await fails.acquire()  # the refused one's
                await fails.acquire()
                await fails.acquire()
            is_away = False
            assert (await heard(listener))["game"]["id"] == game_id

    in_a_loop(story)


def test_nothing_runs_while_nobody_listens(alice: User) -> None:
    async def story() -> None:
        before = asyncio.all_tasks()
        async with listening(alice):
            working = asyncio.all_tasks() - before
            assert working
        await asyncio.wait(working, timeout=WITHIN)
        assert all(task.done() for task in working)
        async with listening(None) as listener:
            assert (await create(alice)) == (await heard(listener))["game"]["id"]

    in_a_loop(story)


def test_whoever_comes_later_hears_of_their_own_games(alice: User, bob: User) -> None:
    async def story() -> None:
        async with listening(None):
            secret = await create(alice, Visibility.PRIVATE)
            hub = Hub.here()
            for _ in range(2):
                listener = hub.join(alice.pk)
                await hub.admit(listener)
                assert [game["id"] for game in (await heard(listener))["mine"]] == [secret]
                listener.leave()

    in_a_loop(story)
