"""Storing lines. First it is judged who may say what, by a reader; then some lines are stored in one short transaction.

The number of a line is the room's, counted in the room's own row: it is locked until the commit, so whoever reads a
number of a room can read all lines before it.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings

from games.chat import rights, rules
from games.chat.models import Line, Room
from games.chat.rights import May, PersonRow
from games.protocol import ChatRoom, ErrorCode, GameError, Said, timestamp


class Wish(NamedTuple):
    """What somebody wants to say.

    Attributes:
        game_id: beside which game.
        player_id: who.
        text: as `games.chat.rules.read` gave it.
        is_preset: whether it is one, which guests may say.
        at: when, by the store's clock.
    """

    game_id: str
    player_id: int
    text: str
    is_preset: bool
    at: datetime


class Allowed(NamedTuple):
    """A wish that may be stored.

    Attributes:
        wish: what is said.
        series_id: the first game's ID.
        kind: the room.
        name: of who says it.
        bot: whether that is a program's account.
        is_shadow: whether nobody else sees it.
        is_over: whether participants, too, may read what spectators say.
    """

    wish: Wish
    series_id: str
    kind: ChatRoom
    name: str
    bot: bool
    is_shadow: bool
    is_over: bool


class Stored(NamedTuple):
    """A line that is stored."""

    allowed: Allowed
    number: int

    def event(self) -> Said:
        """What those hear who may read the room."""
        said = self.allowed
        wish, at = said.wish, timestamp(said.wish.at)
        return Said(room=said.kind, number=self.number, name=said.name, text=wish.text, at=at, bot=said.bot)


def judge_all(wishes: list[Wish]) -> list[Allowed | Exception]:
    """Whether some wishes may be stored; for `games.storage.together`, with a reader."""
    games = rights.games({wish.game_id for wish in wishes})
    people = rights.people({wish.player_id for wish in wishes})
    found: list[Allowed | Exception] = []
    for wish in wishes:
        game, person = games.get(wish.game_id), people.get(wish.player_id, rights.NOBODY)
        refusal = GameError(ErrorCode.GAME_NOT_FOUND) if game is None else _refusal(wish, person)
        if refusal is not None or game is None:
            found.append(refusal or GameError(ErrorCode.GAME_NOT_FOUND))
            continue
        kind = game.own_room(wish.player_id)
        is_shadow = person.is_muted(wish.at)
        found.append(Allowed(wish, game.series_id, kind, person.name, person.bot, is_shadow, game.is_over))
    return found


def _refusal(wish: Wish, person: PersonRow) -> GameError | None:
    refused = unavailable(person.may, wish.is_preset, person.is_off)
    if refused is not None:
        return refused
    last = Line.objects.filter(player=wish.player_id, game=wish.game_id).order_by("-at", "-number")
    texts = list(last.values_list("text", flat=True)[: rules.REMEMBERED])
    return too_often() if rules.repeats(wish.text, texts) else None


def unavailable(may: May, is_preset: bool, is_off: bool) -> GameError | None:
    """The refusal of what somebody may not say at all; None where they may.

    Args:
        may: what they may say.
        is_preset: whether they want to say a preset.
        is_off: whether they have switched chat off.
    """
    if may is None:
        return GameError(ErrorCode.CHAT_UNAVAILABLE, "You have switched chat off." if is_off else None)
    if may == "presets" and not is_preset:
        return GameError(ErrorCode.CHAT_UNAVAILABLE, "Guests may say good luck, good game, and thanks.")
    return None


def too_often(text: str = "You have just said that.") -> GameError:
    """The refusal of a repeat or a flood."""
    return GameError(ErrorCode.RATE_LIMITED, text)


FLOOD = "You say much in a short time. Wait a little."


def store_all(wishes: list[Allowed]) -> list[Stored | Exception]:
    """Store some lines, in a transaction of the caller's; who said too much meanwhile, elsewhere, is refused.

    A handful of statements, however many lines and rooms: on SQLite moves wait for this transaction.

    Args:
        wishes: in the order in which they were said.
    """
    at = max(allowed.wish.at for allowed in wishes)
    rooms = _locked(sorted({(allowed.series_id, allowed.kind) for allowed in wishes}), at)
    kept = {id(allowed) for allowed in _without_floods(wishes)}
    found: list[Stored | Exception] = []
    for allowed in wishes:
        room = rooms[allowed.series_id, allowed.kind]
        room.last_number += id(allowed) in kept
        found.append(Stored(allowed, room.last_number) if id(allowed) in kept else too_often(FLOOD))
    stored = [line for line in found if isinstance(line, Stored)]
    Line.objects.bulk_create([_row(rooms[line.allowed.series_id, line.allowed.kind], line) for line in stored])
    for room in rooms.values():
        room.changed_at = at
    Room.objects.bulk_update(rooms.values(), ["last_number", "changed_at"])
    return found


def _locked(keys: Sequence[tuple[str, ChatRoom]], now: datetime) -> dict[tuple[str, ChatRoom], Room]:
    """Some rooms, locked until the commit; those that are new are made before any is locked, all in one order."""
    series = {series_id for series_id, _ in keys}
    known = set(Room.objects.filter(series__in=series).values_list("series__pk", "kind"))
    new = [
        Room(series_id=series_id, kind=kind, changed_at=now)
        for series_id, kind in keys
        if (series_id, kind) not in known
    ]
    if new:
        Room.objects.bulk_create(new, ignore_conflicts=True)
    locked = Room.objects.select_for_update().filter(series__in=series).order_by("pk")
    found = {(room.series_id, ChatRoom(room.kind)): room for room in locked}
    return {key: found[key] for key in keys}


def _without_floods(wishes: Sequence[Allowed]) -> list[Allowed]:
    """Without lines of who has said as much as may be within the window, and without repeats within it.

    The room's row is locked, so the lines that another process stored are seen.
    """
    since = min(allowed.wish.at for allowed in wishes) - timedelta(seconds=rules.WINDOW)
    said: dict[int, list[tuple[datetime, str, str]]] = defaultdict(list)
    rows = Line.objects.filter(player__in={allowed.wish.player_id for allowed in wishes}, at__gt=since)
    for player_id, at, game_id, text in rows.order_by("at", "number").values_list("player", "at", "game__pk", "text"):
        said[player_id].append((at, game_id, text))
    return [allowed for allowed in wishes if _may_follow(allowed.wish, said[allowed.wish.player_id])]


def _may_follow(wish: Wish, said: list[tuple[datetime, str, str]]) -> bool:
    """Whether a line may follow what its author said lately; it is added if it may."""
    window = wish.at - timedelta(seconds=rules.WINDOW)
    last = [text for _, game_id, text in reversed(said) if game_id == wish.game_id]
    if sum(at > window for at, _, _ in said) >= settings.CHAT_LINES_PER_USER_PER_10_S or rules.repeats(wish.text, last):
        return False
    said.append((wish.at, wish.game_id, wish.text))
    return True


def _row(room: Room, line: Stored) -> Line:
    wish = line.allowed.wish
    return Line(
        room=room, number=line.number, game_id=wish.game_id, player_id=wish.player_id, text=wish.text, at=wish.at,
        is_shadow=line.allowed.is_shadow,
    )  # fmt: skip
