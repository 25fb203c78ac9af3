"""Storing lines. First it is judged who may say what, by a reader; then some lines are stored in one short transaction.

The number of a line is the room's, counted in the room's own row: it is locked until the commit, so whoever reads a
number of a room can read all lines before it.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import F

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
        is_shadow: whether nobody else sees it.
        is_over: whether participants, too, may read what spectators say.
    """

    wish: Wish
    series_id: str
    kind: ChatRoom
    name: str
    is_shadow: bool
    is_over: bool


class Stored(NamedTuple):
    """A line that is stored."""

    allowed: Allowed
    number: int

    def event(self) -> Said:
        """What those hear who may read the room."""
        said = self.allowed
        return Said(room=said.kind, number=self.number, name=said.name, text=said.wish.text, at=timestamp(said.wish.at))


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
        found.append(Allowed(wish, game.series_id, kind, person.name, person.is_muted(wish.at), game.is_over))
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

    Args:
        wishes: in the order in which they were said.
    """
    by_room: dict[tuple[str, ChatRoom], list[Allowed]] = defaultdict(list)
    for allowed in wishes:
        by_room[allowed.series_id, allowed.kind].append(allowed)
    # In the same order in every process, so that no two wait for each other.
    stored = {id(line.allowed): line for key in sorted(by_room) for line in _store_in_room(*key, by_room[key])}
    return [stored.get(id(allowed)) or too_often(FLOOD) for allowed in wishes]


def _store_in_room(series_id: str, kind: ChatRoom, wishes: Sequence[Allowed]) -> list[Stored]:
    room = _locked(series_id, kind, wishes[0].wish.at)
    kept = _without_floods(wishes)
    lines = [Stored(allowed, room.last_number + place) for place, allowed in enumerate(kept, 1)]
    Line.objects.bulk_create([_row(room, line) for line in lines])
    changed_at = max(allowed.wish.at for allowed in wishes)
    Room.objects.filter(pk=room.pk).update(last_number=F("last_number") + len(lines), changed_at=changed_at)
    return lines


def _locked(series_id: str, kind: ChatRoom, now: datetime) -> Room:
    """The room, made where it is the first line's, and locked until the commit."""
    rooms = Room.objects.select_for_update().filter(series=series_id, kind=kind)
    room = rooms.first()
    if room is None:
        Room.objects.bulk_create([Room(series_id=series_id, kind=kind, changed_at=now)], ignore_conflicts=True)
        room = rooms.get()
    return room


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
