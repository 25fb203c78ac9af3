"""Reading rooms from the store, for who may."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import NamedTuple

from django.db.models import QuerySet

from games.chat import rights, sources
from games.chat.models import Hiding, Line, Room
from games.chat.rights import GameRow, May, PersonRow
from games.protocol import ChatRoom, ErrorCode, GameError, LineObject, timestamp

SHOWN = 50
"""Lines of a room that whoever comes is shown."""
LOOKED_THROUGH = 2 * SHOWN
"""Newest lines of a room among which they are: some are of people whose lines one doesn't see."""


class Question(NamedTuple):
    """Who is beside which game; None is somebody who is not signed in."""

    game_id: str
    player_id: int | None


class RoomRead(NamedTuple):
    """A room as somebody reads it.

    Attributes:
        kind: which.
        lines: the last that one sees.
        last_number: of the newest line, whoever sees it.
        revision: how often lines were deleted.
    """

    kind: ChatRoom
    lines: list[LineObject]
    last_number: int
    revision: int


class ChatRead(NamedTuple):
    """Chat beside a game as it is for somebody.

    Attributes:
        series_id: the first game's ID.
        rooms: that one may read; one's own first.
        may: what one may say in that.
        is_off: whether one has switched chat off.
        unseen: whose lines one doesn't see.
    """

    series_id: str
    rooms: list[RoomRead]
    may: May
    is_off: bool
    unseen: frozenset[int]


class _LineRow(NamedTuple):
    number: int
    player_id: int
    name: str
    text: str
    at: datetime
    bot: bool

    def as_object(self) -> LineObject:
        return LineObject(self.number, self.name, self.text, timestamp(self.at), self.bot)


def read_all(questions: list[Question]) -> list[ChatRead | Exception]:
    """Chat beside some games, each as it is for somebody; for `games.storage.together`."""
    return _Reading(questions).answers(questions)


class _Reading:
    """What some questions need, read once for all of them."""

    def __init__(self, questions: Collection[Question]) -> None:
        askers = {question.player_id for question in questions if question.player_id is not None}
        self._games = rights.games({question.game_id for question in questions})
        self._people = rights.people(askers)
        self._unseen = unseen_by(askers)
        series = {game.series_id for game in self._games.values()}
        self._rooms = {(room.series_id, room.kind): room for room in Room.objects.filter(series__in=series)}
        self._lines = cache(_last_lines)

    def answers(self, questions: list[Question]) -> list[ChatRead | Exception]:
        """The answers, in their order."""
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> ChatRead | Exception:
        game = self._games.get(question.game_id)
        if game is None:
            return GameError(ErrorCode.GAME_NOT_FOUND)
        person = self._people.get(question.player_id or 0, rights.NOBODY)
        rooms = [self._room(game, kind, question.player_id, person) for kind in game.readable(question.player_id)]
        unseen = frozenset(self._unseen.get(question.player_id or 0, ()))
        return ChatRead(game.series_id, rooms, person.may, person.is_off, unseen)

    def _room(self, game: GameRow, kind: ChatRoom, player_id: int | None, person: PersonRow) -> RoomRead:
        room = self._rooms.get((game.series_id, kind))
        if room is None:
            return RoomRead(kind, [], 0, 0)
        lines: list[_LineRow] = []
        if not person.is_off:
            unseen = self._unseen.get(player_id or 0, ())
            lines = [line for line in self._lines(room.pk) if line.player_id not in unseen]
            if person.was_muted and player_id is not None:
                lines = sorted({*lines, *_own_shadows(room.pk, player_id)})
        return RoomRead(kind, [line.as_object() for line in lines[-SHOWN:]], room.last_number, room.revision)


def unseen_by(player_ids: Collection[int]) -> dict[int, set[int]]:
    """Whose lines some people don't see, because they hide or block them."""
    unseen: dict[int, set[int]] = defaultdict(set)
    for who, whose in Hiding.objects.filter(player__in=player_ids).values_list("player", "hidden"):
        unseen[who].add(whose)
    for who, whose in sources.blocked(player_ids):
        unseen[who].add(whose)
    return unseen


def _rows(lines: QuerySet[Line], most: int) -> list[_LineRow]:
    """The newest of some lines, the oldest first."""
    newest = lines.filter(deleted_at=None).order_by("-number")[:most]
    fields = ("number", "player", "player__name", "text", "at", "player__bot")
    return [_LineRow(*row) for row in newest.values_list(*fields)][::-1]


def _last_lines(room_id: int) -> list[_LineRow]:
    return _rows(Line.objects.filter(room=room_id, is_shadow=False), LOOKED_THROUGH)


def _own_shadows(room_id: int, player_id: int) -> list[_LineRow]:
    return _rows(Line.objects.filter(room=room_id, is_shadow=True, player=player_id), SHOWN)


class Changed(NamedTuple):
    """How a room stands that changed lately."""

    series_id: str
    kind: ChatRoom
    last_number: int
    revision: int


def changed_since(time: datetime) -> list[Changed]:
    """Rooms that changed lately.

    Args:
        time: since when, by the store's clock.
    """
    rows = Room.objects.filter(changed_at__gt=time).order_by()
    found = rows.values_list("series__pk", "kind", "last_number", "revision")
    return [Changed(series, ChatRoom(kind), number, revision) for series, kind, number, revision in found]
