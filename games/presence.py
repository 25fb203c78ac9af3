"""Who is there: in each game, and on the site.

Presence is told to a game at most four times a second, however many come and go. What lists need to know of it beyond
one process (is the creator about, are both participants present) is kept in the store, so that a process may die
without a word: `Player.seen_at` of people with a waiting game, `Game.attended_time` of quiet games.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from games.broadcast import Broadcast
from games.models import Game, Move, Player
from games.protocol import Presence, encode, timestamp

INTERVAL = 0.25
"""Seconds for which comings and goings are gathered before a game is told."""
SEEN_INTERVAL = 10.0
"""Seconds between notes in the store of who is about."""
SEEN_FOR = timedelta(seconds=30)
"""How long a waiting game stays listed after its creator was last seen."""
QUIET_AFTER = timedelta(minutes=9)
"""A game without a move for so long is kept in the list of live ones by `Game.attended_time`."""


class Attendance:
    """Counts the connections of each game in one process.

    Args:
        broadcast: how games are told.
    """

    def __init__(self, broadcast: Broadcast) -> None:
        self._broadcast = broadcast
        self._counts: dict[str, Counter[int]] = {}
        self._away_since: dict[str, dict[int, datetime]] = {}
        self._told: dict[str, Presence] = {}
        self._changed: set[str] = set()

    def join(self, game_id: str, seat: int | None) -> None:
        """A connection is there.

        Args:
            game_id: canonical.
            seat: 1, 2, or None for a spectator.
        """
        self._counts.setdefault(game_id, Counter())[seat or 0] += 1
        self._away_since.get(game_id, {}).pop(seat or 0, None)
        self._note_change(game_id)

    def leave(self, game_id: str, seat: int | None) -> None:
        """The opposite of `join`."""
        counts = self._counts[game_id]
        counts[seat or 0] -= 1
        if not counts.total():
            del self._counts[game_id]
            self._away_since.pop(game_id, None)
            self._told.pop(game_id, None)
            return
        if seat and not counts[seat]:
            self._away_since.setdefault(game_id, {})[seat] = timezone.now()
        self._note_change(game_id)

    def take_seat(self, game_id: str, seat: int) -> None:
        """A spectator's connection turns into a participant's: its person has just joined the game."""
        self.join(game_id, seat)
        self.leave(game_id, None)

    def of(self, game_id: str) -> Presence:
        """The ``presence`` event of a game as it is now."""
        counts = self._counts.get(game_id, Counter())
        away = self._away_since.get(game_id, {})
        return Presence(
            participant1=counts[1] > 0,
            participant2=counts[2] > 0,
            spectators=counts[0],
            participant1_away_since=timestamp(away[1]) if 1 in away else None,
            participant2_away_since=timestamp(away[2]) if 2 in away else None,
        )

    def attended(self) -> list[str]:
        """The games whose participants are both present."""
        return [game_id for game_id, counts in self._counts.items() if counts[1] and counts[2]]

    def _note_change(self, game_id: str) -> None:
        if not self._changed:
            asyncio.get_running_loop().call_later(INTERVAL, self._tell)
        self._changed.add(game_id)

    def _tell(self) -> None:
        for game_id in self._changed:
            event = self.of(game_id)
            if game_id in self._counts and self._told.get(game_id) != event:
                self._told[game_id] = event
                self._broadcast.announce_here(game_id, None, encode(event))
        self._changed.clear()


def note_seen(player_ids: Iterable[int], now: datetime) -> list[str]:
    """Write down who is about, of those whose waiting games are listed by it.

    Args:
        player_ids: people with a connection now, or until now.
        now: when.

    Returns:
        The IDs of their waiting games.
    """
    waiting = dict(Game.objects.waiting().filter(participant1__in=player_ids).values_list("pk", "participant1"))
    if waiting:
        Player.objects.filter(pk__in=set(waiting.values())).update(seen_at=now)
    return list(waiting)


def note_attended(game_ids: Iterable[str], now: datetime) -> None:
    """Write down which quiet games have both participants present.

    Args:
        game_ids: games whose participants are both present.
        now: when.
    """
    recent = Move.objects.filter(game=OuterRef("pk"), played_at__gt=now - QUIET_AFTER)
    quiet = Game.objects.in_progress().filter(~Exists(recent), pk__in=game_ids, start_time__lte=now - QUIET_AFTER)
    ids = list(quiet.values_list("pk", flat=True))
    if ids:
        Game.objects.filter(pk__in=ids).update(attended_time=now)
