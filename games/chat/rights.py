"""Who may read and say what beside a game, as the store has it."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal, NamedTuple

from games.models import Game, Player
from games.protocol import ChatRoom

May = Literal["text", "presets"] | None
"""What somebody may say in a room."""


class GameRow(NamedTuple):
    """What decides who is in which room beside a game.

    Attributes:
        series_id: the first game's ID.
        seats: who holds one.
        is_over: whether no game of the series goes on.
    """

    series_id: str
    seats: frozenset[int]
    is_over: bool

    def own_room(self, player_id: int | None) -> ChatRoom:
        """The room that somebody is in."""
        return ChatRoom.PARTICIPANTS if player_id in self.seats else ChatRoom.SPECTATORS

    def readable(self, player_id: int | None) -> list[ChatRoom]:
        """Rooms that somebody may read, one's own first: what spectators say is not for those who still play."""
        own = self.own_room(player_id)
        return [own, ChatRoom.SPECTATORS] if own is ChatRoom.PARTICIPANTS and self.is_over else [own]


class PersonRow(NamedTuple):
    """What decides what somebody may say, and who sees it; the defaults are of somebody who is not signed in."""

    name: str = ""
    guest: bool = False
    is_off: bool = False
    muted_until: datetime | None = None
    is_muted_for_good: bool = False
    bot: bool = False

    @property
    def may(self) -> May:
        """What they may say in their room."""
        if not self.name or self.is_off:
            return None
        return "presets" if self.guest else "text"

    @property
    def was_muted(self) -> bool:
        """Whether there may be lines that nobody else sees."""
        return self.is_muted_for_good or self.muted_until is not None

    def is_muted(self, now: datetime) -> bool:
        """Whether nobody else sees what they say now."""
        return self.is_muted_for_good or (self.muted_until is not None and now < self.muted_until)


NOBODY = PersonRow()


def games(game_ids: Collection[str]) -> dict[str, GameRow]:
    """Games by their IDs, without those that there aren't."""
    rows = Game.objects.filter(pk__in=game_ids).order_by()
    seats = list(rows.values_list("pk", "series", "participant1", "participant2"))
    running = unfinished({series or pk for pk, series, _, _ in seats})
    return {
        pk: GameRow(series or pk, frozenset({one, two} - {None}), (series or pk) not in running)
        for pk, series, one, two in seats
    }


def unfinished(series_ids: Collection[str]) -> set[str]:
    """Those of some series of which a game waits or goes on.

    Args:
        series_ids: their first games' IDs.
    """
    left = Game.objects.unfinished().order_by()
    return {
        *left.filter(pk__in=series_ids).values_list("pk", flat=True),
        *filter(None, left.filter(series__in=series_ids).values_list("series", flat=True)),
    }


def people(player_ids: Collection[int]) -> dict[int, PersonRow]:
    """People by their keys, without those that there aren't."""
    rows = Player.objects.filter(pk__in=player_ids).order_by()
    chosen = ("chatter__is_off", "chatter__muted_until", "chatter__is_muted_for_good")
    return {
        pk: PersonRow(name, guest, bool(is_off), until, bool(for_good), bot)
        for pk, name, guest, bot, is_off, until, for_good in rows.values_list("pk", "name", "guest", "bot", *chosen)
    }
