"""Who is there: counted for each seat, told a few times a second at most, and kept in the store for the lists."""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from games.access.identity import Identity
from games.models import Player
from games.presence.attendance import INTERVAL, Attendance
from games.presence.last_seen import quiet_games, waiting_games
from games.protocol import Presence
from games.runtime import Runtime
from tests.support.stored_games import player, store_game
from tests.support.stories import in_store, story, until

GAME = "A9F3QX"


class Ears:
    """What an `Attendance` tells its own games, and the other processes."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.announced: list[tuple[Any, ...]] = []

    def announce_here(self, game_id: str, version: int | None, text: str) -> None:
        """To our own connections."""
        self.told.append(text)

    def announce_attendance(self, *announcement: Any, **more: Any) -> None:
        """To other processes."""
        self.announced.append((*announcement, *more.values()))


def never(game_id: str) -> float | None:
    """In this game nobody may ever claim."""
    return None


def seats(event: Presence) -> tuple[bool, bool, int]:
    return event.participant1, event.participant2, event.spectators


@story
async def test_however_many_come_and_go_a_game_is_told_once() -> None:
    ears = Ears()
    attendance = Attendance(ears, time.monotonic, never)  # type: ignore[arg-type]  # its two ways out are all that it uses
    for _ in range(500):
        attendance.join(GAME, None)
    for _ in range(200):
        attendance.leave(GAME, None)
    attendance.join(GAME, 1)
    assert seats(attendance.of(GAME)) == (True, False, 300)
    await until(lambda: bool(ears.told))
    assert len(ears.told) == 1
    attendance.join(GAME, 1)  # a second tab changes nothing that is told
    await asyncio.sleep(2 * INTERVAL)
    assert len(ears.told) == 1


@story
async def test_a_participant_is_away_when_the_last_connection_is_lost() -> None:
    ears = Ears()
    attendance = Attendance(ears, time.monotonic, never)  # type: ignore[arg-type]  # as above
    for seat in (1, 1, 2):
        attendance.join(GAME, seat)
    await until(lambda: len(ears.told) == 1)
    assert attendance.attended() == [GAME]
    attendance.leave(GAME, 1)
    assert seats(attendance.of(GAME)) == (True, True, 0)
    attendance.leave(GAME, 1)
    await until(lambda: len(ears.told) == 2)
    away = attendance.of(GAME)
    assert (seats(away), away.participant1_away_since is not None) == ((False, True, 0), True)
    assert attendance.attended() == []
    attendance.join(GAME, 1)
    await until(lambda: len(ears.told) == 3)
    assert attendance.of(GAME).participant1_away_since is None


@story
async def test_a_spectator_becomes_a_participant() -> None:
    attendance = Attendance(Ears(), time.monotonic, never)  # type: ignore[arg-type]  # as above
    attendance.join(GAME, 1)
    attendance.join(GAME, None)
    attendance.take_seat(GAME, 2)
    assert seats(attendance.of(GAME)) == (True, True, 0)


@story
async def test_other_processes_are_counted_and_forgotten() -> None:
    attendance = Attendance(Ears(), time.monotonic, never)  # type: ignore[arg-type]  # as above
    attendance.join(GAME, 1)
    attendance.hear(GAME, "another", (2, 0, 1), asks=False)
    assert seats(attendance.of(GAME)) == (True, True, 2)
    attendance.forget("another")
    assert seats(attendance.of(GAME)) == (True, False, 0)


@story
async def test_nothing_is_kept_of_a_game_that_everybody_left() -> None:
    ears = Ears()
    attendance = Attendance(ears, time.monotonic, never)  # type: ignore[arg-type]  # as above
    for _ in range(100):
        attendance.join(GAME, None)
        attendance.leave(GAME, None)
    await until(lambda: not attendance._changed)
    assert not attendance._games
    assert not attendance._left
    assert seats(attendance.of(GAME)) == (False, False, 0)


@story
async def test_who_is_left_alone_may_claim_after_a_while_and_not_once_the_other_is_back() -> None:
    ears, now, waits = Ears(), [100.0], {GAME: 30.0}
    attendance = Attendance(ears, lambda: now[0], waits.get)  # type: ignore[arg-type]  # as above
    for seat in (1, 2):
        attendance.join(GAME, seat)
    await until(lambda: len(ears.told) == 1)
    assert (attendance.of(GAME).claim, attendance.alone_for(GAME, 1)) == (None, None)
    attendance.leave(GAME, 2)
    await until(lambda: len(ears.told) == 2)
    claim = attendance.of(GAME).claim
    assert claim is not None
    assert claim.participant == 1
    since = attendance.of(GAME).participant2_away_since
    assert since is not None
    assert (datetime.fromisoformat(claim.from_) - datetime.fromisoformat(since)).total_seconds() == pytest.approx(
        30, abs=1
    )
    now[0] += 12
    assert (attendance.alone_for(GAME, 1), attendance.alone_for(GAME, 2)) == (12, None)
    waits.clear()  # the game is over
    attendance.look_again(GAME)
    await until(lambda: len(ears.told) == 3)
    assert attendance.of(GAME).claim is None
    waits[GAME] = 30.0
    attendance.join(GAME, 2)
    await until(lambda: len(ears.told) == 4)
    assert (attendance.of(GAME).claim, attendance.alone_for(GAME, 1)) == (None, None)


# --- what the store keeps ---------------------------------------------------------------------------------------


@pytest.fixture
def alice(transactional_db: None) -> Player:
    return player("alice")


@pytest.fixture
def bob(transactional_db: None) -> Player:
    return player("bob")


class OpenConnection:
    """Somebody's."""

    def __init__(self, someone: Player) -> None:
        self.identity = Identity(someone.pk, someone.name)

    async def end_session(self) -> None:
        """Nobody signs out here."""

    async def restart(self) -> None:
        """Nothing restarts here."""


@story
async def test_only_who_waits_or_has_just_gone_is_written_down(alice: Player, bob: Player) -> None:
    dora = await in_store(player)("dora")
    game = await in_store(store_game)(alice, None)
    assert await in_store(waiting_games)([alice.pk, bob.pk]) == {game.pk: alice.pk}
    async with Runtime.opened() as here:
        for someone in (alice, bob, dora):
            here.connections.add(left := OpenConnection(someone))
        here.connections.remove(left)
        await here.connections._note_seen(is_complete=False)
    seen = await in_store(lambda: {p.name: p.seen_at is not None for p in Player.objects.all()})()
    assert seen == {"alice": True, "bob": False, "dora": True}


def test_only_quiet_games_are_kept_alive_by_who_attends_them(alice: Player, bob: Player) -> None:
    now = timezone.now()
    long_ago, just_now = now - timedelta(hours=1), now - timedelta(minutes=1)
    quiet = store_game(alice, bob, "44", start_time=long_ago)
    games = [quiet, store_game(alice, bob, "44", start_time=just_now), store_game(alice, bob, start_time=just_now)]
    assert quiet_games([game.pk for game in games], now) == [quiet.pk]


@story
async def test_the_store_is_asked_only_about_games_that_may_be_quiet(alice: Player, bob: Player) -> None:
    began = {"quiet": timezone.now() - timedelta(hours=1), "played": timezone.now() - timedelta(minutes=1)}
    games = {name: await in_store(store_game)(alice, bob, "44", start_time=at) for name, at in began.items()}
    async with Runtime.opened() as here:
        for game in games.values():
            here.live_games.listening(here.live_games.subscribe(game.pk))
            await here.registry.view(game.pk)
            here.attendance.join(game.pk, 1)
            here.attendance.join(game.pk, 2)
        may_be_quiet = {name: here.connections.may_be_quiet(game.pk) for name, game in games.items()}
        assert may_be_quiet == {"quiet": True, "played": False}
        await here.connections._note_seen(is_complete=True)
    for name, game in games.items():
        await in_store(game.refresh_from_db)()
        assert (game.attended_time is not None) is may_be_quiet[name]
