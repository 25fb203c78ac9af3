"""Who is connected to each game.

Presence is told to a game at most four times a second, however many come and go.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from games.layers.broadcast import Broadcast
from games.presence.audience import NOBODY, Audience, Counts
from games.protocol import Presence, encode, timestamp
from games.protocol.objects import ClaimObject

INTERVAL = 0.25
"""Seconds for which comings and goings are gathered before a game is told."""


class Attendance:
    """Counts the connections of each game that has some in this process, and adds what other processes say of theirs.

    Args:
        broadcast: how games and processes are told.
        pace: seconds as they pass for people.
        claimed_after: for how many seconds a side of a game has to be away until the other may claim; None: for ever.
        computer_at: the seat of a live game that the server plays, and so is always there; None where people play.
    """

    def __init__(
        self, broadcast: Broadcast, pace: Callable[[], float], claimed_after: Callable[[str], float | None],
        computer_at: Callable[[str], int | None] = lambda game_id: None,
    ) -> None:  # fmt: skip
        self._broadcast = broadcast
        self._pace = pace
        self.on_arrival: Callable[[str], None] = lambda game_id: None
        """Called with a game to which a participant has come here, the first of that seat."""
        self._claimed_after = claimed_after
        self._computer_at = computer_at
        self._games: dict[str, Audience] = {}
        self._changed: set[str] = set()
        self._left: dict[str, Counts] = {}
        self._tell_at = 0.0

    def join(self, game_id: str, seat: int | None) -> None:
        """A connection is there.

        Args:
            game_id: canonical.
            seat: 1, 2, or None for a spectator.
        """
        audience = self._games.get(game_id)
        if audience is None:
            audience = self._games[game_id] = Audience()
        audience.here[seat or 0] += 1
        if seat is not None and audience.here[seat] == 1:
            self.on_arrival(game_id)
        if audience.here.total() == 1:
            self._announce(game_id, audience, asks=True)
        self._note_change(game_id)

    def leave(self, game_id: str, seat: int | None) -> None:
        """The opposite of `join`."""
        audience = self._games[game_id]
        audience.here[seat or 0] -= 1
        if not audience.here.total():
            del self._games[game_id]
            self._left[game_id] = audience.announced
        self._note_change(game_id)

    def take_seat(self, game_id: str, seat: int) -> None:
        """A spectator's connection turns into a participant's: its person has just joined the game."""
        self.join(game_id, seat)
        self.leave(game_id, None)

    def of(self, game_id: str) -> Presence:
        """The ``presence`` event of a game as it is now."""
        audience = self._games.get(game_id) or Audience()
        computer = self._computer_at(game_id)
        is_there = {seat: audience.total(seat) > 0 or seat == computer for seat in (1, 2)}
        away = {seat: timestamp(since) for seat, since in audience.away_since.items() if not is_there[seat]}
        return Presence(
            participant1=is_there[1],
            participant2=is_there[2],
            spectators=audience.total(0),
            participant1_away_since=away.get(1),
            participant2_away_since=away.get(2),
            claim=self._claim(game_id, audience),
        )

    def _claim(self, game_id: str, audience: Audience) -> ClaimObject | None:
        """Who may claim: the one who is there, where the other is not."""
        wait = self._claimed_after(game_id)
        alone = [seat for seat in (1, 2) if audience.total(seat) and 3 - seat in audience.missing]
        if wait is None or not alone:
            return None
        _, since = audience.missing[3 - alone[0]]
        return ClaimObject(alone[0], timestamp(since + timedelta(seconds=wait)))

    def alone_for(self, game_id: str, seat: int) -> float | None:
        """For how many seconds the other side of a game has been away; None where it is there, or nobody here knows.

        Args:
            game_id: canonical.
            seat: 1 or 2.
        """
        audience = self._games.get(game_id)
        missing = None if audience is None else audience.missing.get(3 - seat)
        if audience is None or missing is None or audience.total(3 - seat):
            return None
        return self._pace() - missing[0]

    def missed(self, for_s: float) -> list[tuple[str, int]]:
        """The seats that have been empty for a while, in games that the other side may claim.

        Args:
            for_s: seconds.
        """
        before = self._pace() - for_s
        return [
            (game_id, seat)
            for game_id, audience in self._games.items()
            for seat, (since, _) in audience.missing.items()
            if since <= before and self._claimed_after(game_id) is not None
        ]

    def is_there(self, game_id: str, seat: int) -> bool:
        """Whether a participant is connected, here or elsewhere.

        Args:
            game_id: canonical.
            seat: 1 or 2.
        """
        audience = self._games.get(game_id)
        return audience is not None and audience.total(seat) > 0

    def recall(self, game_id: str, seat: int, away_s: float) -> None:
        """Somebody had been away already when this process began to look.

        Args:
            game_id: canonical.
            seat: 1 or 2.
            away_s: for how many seconds.
        """
        audience = self._games.get(game_id)
        since = self._pace() - away_s
        if audience is None or audience.total(seat) or audience.missing.get(seat, (since + 1,))[0] <= since:
            return
        audience.missing[seat] = since, timezone.now() - timedelta(seconds=away_s)
        self._note_change(game_id)

    def look_again(self, game_id: str) -> None:
        """A game changed so that a side may claim now, or no longer.

        Args:
            game_id: canonical.
        """
        if game_id in self._games:
            self._note_change(game_id)

    def attended(self) -> list[str]:
        """The games whose participants are both present."""
        return [
            game_id
            for game_id, audience in self._games.items()
            if all(audience.total(seat) or seat == self._computer_at(game_id) for seat in (1, 2))
        ]

    def is_elsewhere(self, game_id: str, seat: int) -> bool:
        """Whether a participant is connected, and in other processes alone.

        Args:
            game_id: canonical.
            seat: 1 or 2.
        """
        audience = self._games.get(game_id)
        return audience is not None and not audience.here[seat] and audience.total(seat) > 0

    # --- other processes ----------------------------------------------------------------------------------------

    def hear(self, game_id: str, process: str, counts: Counts, asks: bool) -> None:
        """Another process says who is connected to a game there.

        Args:
            game_id: canonical.
            process: which one.
            counts: spectators, connections of participant 1 and of participant 2.
            asks: whether it wants to know the same of us.
        """
        audience = self._games.get(game_id)
        if audience is None:
            return
        if any(counts):
            audience.elsewhere[process] = counts
        else:
            audience.elsewhere.pop(process, None)
        if asks:
            self._announce(game_id, audience)
        self._note_change(game_id)

    def only_at(self, process: str) -> list[tuple[str, int]]:
        """The participants who are connected in one other process alone: games and seats.

        Args:
            process: which one.
        """
        return [
            (game_id, seat)
            for game_id, audience in self._games.items()
            for seat in (1, 2)
            if 0 < audience.total(seat) == audience.elsewhere.get(process, NOBODY)[seat]
        ]

    def forget(self, process: str) -> None:
        """Another process has ended: nobody is connected there any more."""
        for game_id, audience in self._games.items():
            if audience.elsewhere.pop(process, None):
                self._note_change(game_id)

    def announce_all(self) -> None:
        """Tell the other processes of all our games."""
        for game_id, audience in self._games.items():
            self._announce(game_id, audience)

    def ask_anew(self, within: float) -> None:
        """Forget what others said, because some of it may have been missed; they are being asked.

        Args:
            within: seconds that they have to answer before our games are told.
        """
        self._tell_at = asyncio.get_running_loop().time() + within
        for game_id, audience in self._games.items():
            audience.elsewhere.clear()
            self._note_change(game_id)

    def _announce(self, game_id: str, audience: Audience, asks: bool = False) -> None:
        audience.announced = audience.counts
        self._broadcast.announce_attendance(game_id, audience.announced, asks)

    # --- telling ------------------------------------------------------------------------------------------------

    def _note_change(self, game_id: str) -> None:
        if not self._changed:
            asyncio.get_running_loop().call_later(INTERVAL, self._tell)
        self._changed.add(game_id)

    def _tell(self) -> None:
        wait = self._tell_at - asyncio.get_running_loop().time()
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self._tell)
            return
        changed, self._changed = self._changed, set()
        for game_id in changed:
            audience = self._games.get(game_id)
            if audience is None:
                self._tell_of_last(game_id)
                continue
            self._left.pop(game_id, None)
            audience.note_seats(self._pace())
            if audience.announced != audience.counts:
                self._announce(game_id, audience)
            event = self.of(game_id)
            if audience.told != event:
                audience.told = event
                self._broadcast.announce_here(game_id, None, encode(event))

    def _tell_of_last(self, game_id: str) -> None:
        """Nobody is connected to this game here any more."""
        if any(self._left.pop(game_id, NOBODY)):
            self._broadcast.announce_attendance(game_id, NOBODY, asks=False)
