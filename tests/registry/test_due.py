"""Games end by themselves in time: by a timer where they are live, by a look at the store elsewhere."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.utils import timezone

from games.game.commands import Cancel, Join
from games.game.new_game import Terms
from games.models import Game, Move, Player, Process
from games.protocol import PlayMove
from games.registry import due as due_module
from games.rules.time_controls import Countdown
from games.runtime import Runtime
from tests.support.houses import House, participant
from tests.support.stored_games import store_game

DAY = timedelta(days=1)


def ago(**much: float) -> datetime:
    """A time before now."""
    return timezone.now() - timedelta(**much)


def waiting(creator: Player, **much: float) -> Game:
    """A game made so long ago that nobody has joined, which is due a day after that."""
    made = ago(**much)
    return store_game(creator, None, create_time=made, due_at=made + DAY)


def sweep(*houses: House) -> None:
    """Let processes look, at the same time."""
    looks = [house.ask(lambda _: Runtime.here().due.sweep(timezone.now())) for house in houses]
    for look in looks:
        look.result(20)


def test_what_is_due_happens_once_whoever_looks(houses: list[House], alice: Player, bob: Player) -> None:
    many = [waiting(alice, days=2) for _ in range(30)]  # more than one look takes
    deserted = store_game(alice, bob, "44", start_time=ago(days=8), due_at=ago(days=1))
    fresh = waiting(alice, hours=23)
    sweep(*houses)
    assert {game.reason for game in Game.objects.filter(pk__in=[game.pk for game in many])} == {"aborted"}
    deserted.refresh_from_db()
    assert (deserted.state, deserted.reason) == ("finished", "abandonment")
    fresh.refresh_from_db()
    assert fresh.state == "waiting"


def test_a_move_puts_it_off(houses: list[House], alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "44", start_time=ago(days=8), due_at=ago(days=1))
    moved = ago(days=6)
    Move.objects.filter(game=game, number=3).update(at=moved)
    sweep(*houses)
    game.refresh_from_db()
    assert (game.state, game.due_at) == ("in-progress", moved + timedelta(days=7))


def test_new_games_know_when_they_are_due(houses: list[House], alice: Player, bob: Player) -> None:
    made = houses[0].ask(lambda registry: registry.create(participant(alice))).result(10)
    game = Game.objects.get(pk=made.id)
    assert game.due_at == game.create_time + DAY
    assert houses[0].begin(game, bob.pk, Join(participant(bob))).result(10) == "done"
    game.refresh_from_db()
    assert game.start_time is not None
    assert game.due_at == game.start_time + timedelta(days=7)
    assert houses[1].begin(game, (alice, bob)[game.first_move - 1].pk, PlayMove(column=3, ply=1)).result(10) == "done"
    before = game.due_at
    game.refresh_from_db()
    assert game.due_at == before  # moves don't write it


def test_a_game_that_is_live_ends_at_its_time_without_a_look(houses: list[House], alice: Player) -> None:
    game = waiting(alice, days=1, seconds=-1)
    houses[0].listen(game)

    async def ends(registry: Any) -> None:
        async with asyncio.timeout(10):
            while not registry.live_games.find(game.pk).game.is_finished:
                await asyncio.sleep(0.01)

    houses[0].ask(ends).result(20)
    game.refresh_from_db()
    assert game.reason == "aborted"
    assert game.end_time is not None
    assert timedelta() <= game.end_time - game.create_time - DAY < timedelta(seconds=2)


def test_a_game_that_ended_in_time_needs_no_timer(houses: list[House], alice: Player) -> None:
    game = waiting(alice, days=1, seconds=-600)
    houses[0].listen(game)

    async def timers(_: Any) -> int:
        return len(Runtime.here().due._timers)

    assert houses[0].ask(timers).result(10) == 1
    assert houses[0].begin(game, alice.pk, Cancel()).result(10) == "done"
    assert houses[0].ask(timers).result(10) == 0


def test_rows_that_make_no_game_stand_in_nobodys_way(
    houses: list[House], alice: Player, bob: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_module, "AT_ONCE", 1)
    bad = store_game(alice, bob, "4444444", start_time=ago(days=9), due_at=ago(days=2))
    other = waiting(alice, days=2)
    sweep(houses[0])
    other.refresh_from_db()
    assert other.state == "finished"
    bad.refresh_from_db()
    assert bad.state == "in-progress"
    assert bad.due_at is not None
    assert bad.due_at > timezone.now()
    Move.objects.filter(game=bad).delete()  # else no game of these rows holds at the end of the test
    now = timezone.now()
    Game.objects.filter(pk=bad.pk).update(start_time=now)
    bad.changes.update(at=now)


def test_looking_walks_through_no_more_than_what_is_due(store: str, alice: Player, bob: Player) -> None:
    for _ in range(3):
        store_game(alice, bob, due_at=ago(days=-1))
    due_games = Game.objects.unfinished().filter(due_at__lte=timezone.now()).order_by("due_at")[:1]
    with connection.cursor() as cursor:
        if store == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = due_games.explain()
    assert "game_due" in plan


# --- timed games ------------------------------------------------------------------------------------------------


def bullet(alice: Player, bob: Player, seconds: float, due_at: datetime | None = None) -> Game:
    """A game of 30 s that began so many seconds ago; the first move is due after 15."""
    start = ago(seconds=seconds)
    return store_game(alice, bob, initial=30, increment=0, start_time=start, due_at=due_at or start)


def test_a_timed_game_knows_when_its_first_move_is_due(houses: list[House], alice: Player, bob: Player) -> None:
    terms = Terms(time_control=Countdown(30, 0))
    made = houses[0].ask(lambda registry: registry.create(participant(alice), terms)).result(10)
    game = Game.objects.get(pk=made.id)
    assert houses[0].begin(game, bob.pk, Join(participant(bob))).result(10) == "done"
    game.refresh_from_db()
    assert game.start_time is not None
    assert game.due_at == game.start_time + timedelta(seconds=15)
    assert houses[0].view(game).as_json_object().speed == "bullet"


def test_a_first_move_that_does_not_come_aborts_a_live_game_in_time(
    houses: list[House], alice: Player, bob: Player
) -> None:
    game = bullet(alice, bob, 14.5)
    houses[0].listen(game)

    async def ends(registry: Any) -> None:
        async with asyncio.timeout(5):
            while (await registry.view(game.pk)).state != "finished":
                await asyncio.sleep(0.05)

    houses[0].ask(ends).result(10)
    game.refresh_from_db()
    assert (game.reason, game.winner) == ("aborted", None)
    assert game.end_time is not None
    assert timedelta(seconds=15) <= game.end_time - game.start_time < timedelta(seconds=16.5)  # type: ignore[operator]


def test_a_look_flags_timed_games_that_are_live_nowhere(houses: list[House], alice: Player, bob: Player) -> None:
    over, at_its_end = bullet(alice, bob, 21), bullet(alice, bob, 17)
    sweep(*houses)
    over.refresh_from_db()
    at_its_end.refresh_from_db()
    assert (over.state, over.reason) == ("finished", "aborted")
    assert at_its_end.state == "in-progress"  # a process that had it live would have been quicker
    assert at_its_end.due_at is not None
    assert timezone.now() < at_its_end.due_at < timezone.now() + timedelta(seconds=5)


def test_a_look_leaves_timed_games_to_the_timers_of_those_who_have_them_live(
    houses: list[House], alice: Player, bob: Player
) -> None:
    start = due_at = timezone.now()
    live, other = (store_game(alice, bob, initial=600, increment=0, start_time=start, due_at=due_at) for _ in range(2))
    houses[0].listen(live)
    sweep(houses[0])
    live.refresh_from_db()
    other.refresh_from_db()
    assert live.due_at is not None
    assert other.due_at is not None
    assert live.due_at - due_at > timedelta(seconds=5)
    # By the log the first move is due after 30 s, and a look leaves five to whoever might have the game live.
    assert other.due_at == min(start + timedelta(seconds=30), live.due_at + timedelta(seconds=20))


def test_the_pace_of_the_process_flags_and_not_the_time_of_day(houses: list[House], alice: Player, bob: Player) -> None:
    """A game of minutes, in which the side to move was told so here: what stands in the log is not asked."""
    game = store_game(alice, bob, initial=60, increment=0, start_time=ago(seconds=5), due_at=ago(seconds=0))
    houses[0].listen(game)
    for ply, player in ((1, alice), (2, bob)):
        assert houses[0].begin(game, player.pk, PlayMove(column=3, ply=ply)).result(10) == "done"

    async def flag_early(registry: Any) -> tuple[str, str]:
        entry = registry.live_games.find(game.pk)
        due = Runtime.here().due
        await due._look_at(game.pk)
        before = (await registry.view(game.pk)).state
        # As if told so 62 s ago.
        entry.turn = msgspec.structs.replace(entry.turn, counted_from=entry.turn.counted_from - 62)
        await due._look_at(game.pk)
        return before, (await registry.view(game.pk)).state

    assert houses[0].ask(flag_early).result(10) == ("in-progress", "finished")
    game.refresh_from_db()
    assert (game.reason, game.winner) == ("timeout", 2)


def test_a_move_needs_no_timer_because_there_is_one_for_both_sides(
    houses: list[House], alice: Player, bob: Player
) -> None:
    """Bob has a second left, and it is Alice's turn: the timer is set for his flag too, should she move at once."""
    now = timezone.now()
    game = store_game(alice, bob, initial=60, increment=0, start_time=now, due_at=now)
    houses[0].listen(game)
    for ply, player in ((1, alice), (2, bob), (3, alice)):
        assert houses[0].begin(game, player.pk, PlayMove(column=3, ply=ply)).result(10) == "done"

    async def think_for_59_seconds(registry: Any) -> None:
        entry = registry.live_games.find(game.pk)
        entry.turn = msgspec.structs.replace(entry.turn, counted_from=entry.turn.counted_from - 59)
        await registry.run(game.pk, bob.pk, PlayMove(column=3, ply=4))
        Runtime.here().due._disarm(game.pk)  # as if it were loaded now
        Runtime.here().due.arm(entry.game)
        await registry.run(game.pk, alice.pk, PlayMove(column=4, ply=5))
        async with asyncio.timeout(30):
            while not entry.game.is_finished:  # a view would load it, and set a timer
                await asyncio.sleep(0.05)

    houses[0].ask(think_for_59_seconds).result(40)
    game.refresh_from_db()
    assert (game.reason, game.winner) == ("timeout", 1)


# --- processes that are lost ------------------------------------------------------------------------------------


def knows_who_is_alive(house: House) -> None:
    """The process gives a sign of life, and has read those of others."""
    house.ask(lambda _: Runtime.here().heartbeats.beat()).result(10)


def test_what_elapsed_while_a_process_was_gone_flags_nobody(houses: list[House], alice: Player, bob: Player) -> None:
    game = bullet(alice, bob, 600)
    assert game.start_time is not None
    Process.objects.create(id="gone", seen_at=game.start_time + timedelta(seconds=5))
    knows_who_is_alive(houses[0])
    sweep(houses[0])

    async def seconds_left(registry: Any) -> float:
        due = Runtime.here().due
        return due._timers[game.pk].when() - asyncio.get_running_loop().time()

    # Of the 15 s for the first move 10 are left, and before that 5 in which Alice may come back: the timer rings twice.
    assert 9 < houses[0].ask(seconds_left).result(10) <= 10
    game.refresh_from_db()
    assert (game.state, game.due_at is not None and game.due_at > timezone.now()) == ("in-progress", True)


def test_a_game_that_is_loaded_after_its_process_was_lost_goes_on_where_it_stood(
    houses: list[House], alice: Player, bob: Player
) -> None:
    game = bullet(alice, bob, 600)
    assert game.start_time is not None
    Process.objects.create(id="gone", seen_at=game.start_time + timedelta(seconds=14))
    knows_who_is_alive(houses[0])
    houses[0].listen(game)
    assert houses[0].begin(game, alice.pk, PlayMove(column=3, ply=1)).result(10) == "done"
    game.refresh_from_db()
    assert game.state == "in-progress"


def test_a_look_leaves_alone_what_a_living_process_holds(houses: list[House], alice: Player, bob: Player) -> None:
    held, left = bullet(alice, bob, 600), bullet(alice, bob, 600)
    Process.objects.create(id="lives", seen_at=timezone.now() + timedelta(seconds=60))
    Process.objects.create(id="dead", seen_at=ago(seconds=700))
    Game.objects.filter(pk=held.pk).update(held_by="lives")
    Game.objects.filter(pk=left.pk).update(held_by="dead")
    before = held.due_at
    knows_who_is_alive(houses[0])
    sweep(houses[0])
    held.refresh_from_db()
    left.refresh_from_db()
    assert (held.state, held.due_at) == ("in-progress", before)
    assert left.reason == "aborted"


def test_who_has_a_timed_game_live_says_so_from_its_start_on(houses: list[House], alice: Player, bob: Player) -> None:
    terms = Terms(time_control=Countdown(60, 0))
    made = houses[0].ask(lambda registry: registry.create(participant(alice), terms)).result(10)
    game = Game.objects.get(pk=made.id)

    async def serve(_: Any) -> str:
        Runtime.here().heartbeats.start()
        return Runtime.here().heartbeats.id

    process = houses[0].ask(serve).result(10)
    houses[0].listen(game)
    assert houses[0].begin(game, bob.pk, Join(participant(bob))).result(10) == "done"

    async def is_written(_: Any) -> None:
        async with asyncio.timeout(5):
            while not await Runtime.here().reader.ask(Game.objects.filter(pk=game.pk, held_by=process).exists):
                await asyncio.sleep(0.02)

    houses[1].ask(is_written).result(10)
    houses.pop(0).close()
    assert Process.objects.get(pk=process).ended
