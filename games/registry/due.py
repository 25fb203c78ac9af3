"""What has to happen to games at a time: found by a timer where a game is live, and by a look at the store elsewhere.

Every process looks every few seconds at a few games whose `Game.due_at` has passed. A game's own rules say what has to
happen, or when to look again; it happens by a command of the house, which goes the way of every command: of several
processes that find the same game, the store lets one win. Moves don't write `due_at`, so it may be too early, and is
then put off; it is never too late.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from games.game.clocks import flag_of
from games.game.commands import Abandon, Cancel, Flag
from games.game.due import due, due_at
from games.game.live import LiveGame
from games.models import Game
from games.presence.heartbeats import Heartbeats, Lost
from games.protocol import ErrorCode, GameError
from games.registry import deserted
from games.registry.after import FollowUps
from games.registry.endings import Ending, end_all
from games.registry.live_entry import Turn
from games.registry.receipts import elapsed_ms, is_held_back, measured_ms, taken_over
from games.registry.registry import Registry
from games.rules.time_controls import Countdown
from games.storage import loading
from games.storage.reader import Reader
from games.storage.writes import Writes

log = logging.getLogger("fourline.due")

INTERVAL = 5.0
"""Seconds from one look to the next, about: processes don't keep step."""
FIRST_LOOK_AFTER = 3.2
"""Seconds after the start: by then it is known who is alive."""
AT_ONCE = 25
"""Games that are looked at together."""
BREATH = 0.05
"""Seconds between two such looks while there is more."""
HORIZON = timedelta(hours=1, minutes=1)
"""A live game that is due within this, as by any clock of seconds, has a timer of its own; later it may be long
forgotten."""
LEFT_TO_TIMERS = timedelta(seconds=5)
"""A timed game is flagged by the process that has it live; looks at the store do it so much later."""
SOONEST = timedelta(seconds=1)
"""A timed game that is not yet to be flagged is looked at again after so long at the earliest."""
AT_LEAST = 0.05
"""Seconds that a timer takes."""
OTHER_AT_LEAST = 0.1
"""Seconds that it takes for the sake of the side that is not to move: its flag may fall so late. Where that side has
less left, the timer rings so often while the other thinks: 20 µs each time."""
LOOK_AGAIN_AFTER = 1.0
"""Seconds until a side that another process has to flag, or whose move is being stored, is looked at again; and until
the next look at the store while too little is known for flags."""
UNREADABLE_FOR = timedelta(hours=1)
"""A game whose rows make none is looked at again after so long; it must not stand in the way of all others."""

Found = tuple[str, datetime, "LiveGame | Exception | None"]
"""A game's ID, its `Game.due_at`, and the game as it is stored, or what is wrong with its rows."""


class Due:
    """Sees, for one event loop, that what has to happen happens in time.

    Args:
        registry: runs the house's commands.
        reader: finds games that are due.
        writes: puts off those that are not.
        after: what is pending after changes is found by the same look.
        heartbeats: who is alive, and flags the games that it holds.
    """

    def __init__(
        self, registry: Registry, reader: Reader, writes: Writes, after: FollowUps, heartbeats: Heartbeats
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._registry = registry
        self._reader = reader
        self._writes = writes
        self._after = after
        self._heartbeats = heartbeats
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._taken_over: dict[str, Turn] = {}
        """Turns of timed games that are live nowhere, whose process was lost."""
        self._tasks: set[asyncio.Task[None]] = set()
        self.is_elsewhere: Callable[[str, int], bool] = lambda game_id, seat: False
        """Says of a game and a seat whether its connections are all in other processes, which then flag it."""
        self._sweeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look every few seconds from now on. Nothing happens the second time."""
        if self._sweeper is None:
            self._sweeper = self._loop.create_task(self._sweep_for_ever())

    async def close(self) -> None:
        """Look no more."""
        for timer in self._timers.values():
            timer.cancel()
        tasks = [*self._tasks, *([self._sweeper] if self._sweeper is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- games live here ----------------------------------------------------------------------------------------

    def arm(self, game: LiveGame) -> None:
        """Have a timer for a game that was loaded, or changed by anything but a move, if it is due soon.

        A timer is never later than its game is due, whatever moves come; one that comes too early arms itself again.
        What is overdue when it is loaded, the next look at the store finds.

        Args:
            game: as it stands.
        """
        wait = self._seconds_to(game)
        if game.turn is None:
            self._taken_over.pop(game.id, None)
        if wait is not None and game.clock is not None and isinstance(game.time_control, Countdown):
            # Looks at the store leave it to whoever has it live, so there is always a timer. It bears with the side
            # that is not to move, too: a move needs no timer then.
            other = max(game.clock.soonest_ms(3 - (game.turn or 1)) / 1000, OTHER_AT_LEAST)
            self._ring_within(min(max(wait, AT_LEAST), other, HORIZON.total_seconds()), game.id)
        elif wait is not None and 0 < wait < HORIZON.total_seconds():
            self._ring_in(wait, game.id)
        else:
            self._disarm(game.id)

    def _seconds_to(self, game: LiveGame) -> float | None:
        """How long until a game is due; for a side's time as it passes in this process. None where it never is."""
        if game.clock is not None and game.turn is not None:
            entry = self._registry.live_games.find(game.id)
            turn = self._taken_over.get(game.id) if entry is None else entry.turn
            elapsed = measured_ms(turn, game, self._registry.pace.now())
            if elapsed is None:
                elapsed = elapsed_ms(None, game, self._registry.receive())
            return (game.clock.flag_ms(game.turn) - elapsed) / 1000
        at = due_at(game)
        return None if at is None else (at - self._registry.now()).total_seconds()

    def _ring_in(self, seconds: float, game_id: str) -> None:
        self._disarm(game_id)
        self._timers[game_id] = self._loop.call_later(seconds, self._ring, game_id)

    def _ring_within(self, seconds: float, game_id: str) -> None:
        """`_ring_in`, unless there is a timer that rings sooner: of most moves it costs less to look again then."""
        timer = self._timers.get(game_id)
        if timer is None or timer.when() > self._loop.time() + seconds:
            self._ring_in(seconds, game_id)

    def _disarm(self, game_id: str) -> None:
        timer = self._timers.pop(game_id, None)
        if timer is not None:
            timer.cancel()

    def _ring(self, game_id: str) -> None:
        del self._timers[game_id]
        entry = self._registry.live_games.find(game_id)
        game = None if entry is None else entry.game
        if game is not None and game.clock is not None and (self._seconds_to(game) or 0) > AT_LEAST:
            self.arm(game)
            return
        task = self._loop.create_task(self._look_at(game_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _look_at(self, game_id: str) -> None:
        try:
            game = await self._registry.view(game_id)
            if game.clock is not None and game.turn is not None:
                await self._look_at_clock(game, game.turn)
                return
            command = due(game, self._registry.now())
            if isinstance(command, Abandon | Cancel | Flag):
                await end_all(self._registry, [(game_id, command)])
            else:
                self.arm(game)
        except GameError as error:
            log.debug("game %s is due, and could not be looked at: %s", game_id, error.code)
            if error.code is ErrorCode.TRY_AGAIN:  # no other process looks at what this one holds
                self._ring_in(LOOK_AGAIN_AFTER, game_id)

    async def _look_at_clock(self, game: LiveGame, turn: int) -> None:
        """Flag the side to move, if its time is over, and it is this process that has to."""
        entry = self._registry.live_games.find(game.id)
        is_moving = entry is not None and is_held_back(entry, self._registry.pace.now())
        if (self._seconds_to(game) or 0) > 0:
            self.arm(game)
        elif is_moving or self.is_elsewhere(game.id, turn) or not self._may_flag:
            self._ring_in(LOOK_AGAIN_AFTER, game.id)
        else:
            [refusal] = await end_all(self._registry, [(game.id, flag_of(game))])
            if refusal is not None:
                self._ring_in(LOOK_AGAIN_AFTER, game.id)

    @property
    def _may_flag(self) -> bool:
        """Whether all is known of what happened while this process stood still, or the store was away."""
        return self._heartbeats.is_settled and not self._registry.pace.has_just_paused

    # --- games anywhere -----------------------------------------------------------------------------------------

    async def sweep(self, now: datetime) -> None:
        """Do what is due, cancel what nobody waits in, and do what is pending after changes.

        Args:
            now: the time of looking.

        Raises:
            GameError: ``try_again``, the store doesn't answer.
        """
        while await self._sweep_some(now) == AT_ONCE:
            await asyncio.sleep(BREATH)
        await end_all(self._registry, await self._reader.ask(deserted.endings, now))
        await self._after.sweep(now)

    async def _sweep_some(self, now: datetime) -> int:
        """Deal with a few of the games that are due; how many."""
        found = await self._reader.ask(_due_games, now, self._heartbeats.alive)
        endings: list[Ending] = []
        later: list[tuple[str, datetime, datetime | None]] = []
        for game_id, was_due_at, game in found:
            what = self._due_by_the_log(game, now) if isinstance(game, LiveGame) else now + UNREADABLE_FOR
            if isinstance(what, Abandon | Cancel | Flag):
                endings.append((game_id, what))
            else:
                later.append((game_id, was_due_at, what))
            if isinstance(game, Exception):
                log.error("game %s is due and can't be read: %r; verify_games tells more", game_id, game)
        if later:
            await self._writes.do(_put_off, later)
        # Any refusal means that somebody was quicker, or that the next look finds it again.
        refusals = await end_all(self._registry, endings)
        return len(found) if any(refusal is None for refusal in refusals) or later else 0

    def _due_by_the_log(self, game: LiveGame, now: datetime) -> Abandon | Cancel | Flag | datetime | None:
        if game.clock is None or game.turn is None:
            return due(game, now)
        if self._registry.live_games.find(game.id) is not None or game.id in self._timers:
            return now + LEFT_TO_TIMERS  # whoever has the game live knows better how its time passes
        if not self._may_flag:
            return now + SOONEST
        if not isinstance(game.time_control, Countdown):
            return self._due_in_days(game, now)
        lost = self._heartbeats.lost(game.turn_since)
        if lost is not None:
            self._take_over(game, lost)
            return now + LEFT_TO_TIMERS
        what = due(game, now - LEFT_TO_TIMERS)
        return max(what, now + SOONEST) if isinstance(what, datetime) else what

    def _due_in_days(self, game: LiveGame, now: datetime) -> Abandon | Cancel | Flag | datetime | None:
        """`due`, without the time in which no process was there to play in."""
        down = timedelta(milliseconds=self._heartbeats.down_ms(game.turn_since))
        what = due(game, now - down)
        return what + down if isinstance(what, datetime) else what

    def _take_over(self, game: LiveGame, lost: Lost) -> None:
        """Flag a game whose process was lost, when the time is over that its side to move still had then."""
        self._taken_over[game.id] = taken_over(game, lost.at, lost.found)
        self._heartbeats.hold(game.id)
        self._ring_in(max(0, self._seconds_to(game) or 0), game.id)

    async def _sweep_for_ever(self) -> None:
        await asyncio.sleep(FIRST_LOOK_AFTER)
        while True:
            could_flag = self._may_flag
            try:
                await self.sweep(self._registry.now())
            except GameError as error:  # the store is away, and the log says so already
                log.debug("games that are due could not be looked for: %s", error.code)
            except Exception:
                log.exception("looking for games that are due failed")
            interval = INTERVAL if could_flag else LOOK_AGAIN_AFTER
            await asyncio.sleep(interval * random.uniform(0.8, 1.2))  # noqa: S311  keeps processes out of step


def _due_games(now: datetime, alive: list[str]) -> list[Found]:
    games = Game.objects.unfinished().filter(due_at__lte=now).exclude(held_by__in=alive)
    rows = games.order_by("due_at").values_list("pk", "due_at")[:AT_ONCE]
    times = {pk: at for pk, at in rows if at is not None}
    return [(pk, times[pk], game) for pk, game in zip(times, loading.load_some([*times]), strict=True)]


def _put_off(games: list[tuple[str, datetime, datetime | None]]) -> None:
    """Write later times, where nobody else has meanwhile; in the order in which batches lock games too."""
    for game_id, was_due_at, at in sorted(games, key=lambda game: game[0]):
        Game.objects.unfinished().filter(pk=game_id, due_at=was_due_at).update(due_at=at)
