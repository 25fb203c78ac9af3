"""What the lobby lists, read from the store: who waits, what is being played, and one's own games.

Plain synchronous code; the page and the hub (`lobby.live_list.hub`) both read through it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from games.game.live import LiveGame
from games.models import Game, GameQuerySet
from games.protocol import GameObject, State
from games.storage import loading, prepared
from lobby.live_list.featured import pick
from lobby.live_list.survey import PLAYING, WAITING, Section


def unfinished_of(player_id: int) -> GameQuerySet:
    """Games that wait or are in progress, private ones included, in which this player holds a seat.

    Args:
        player_id: a player's primary key.
    """
    seated = Q(participant1=player_id) | Q(participant2=player_id)
    return Game.objects.unfinished().filter(seated).order_by("-create_time", "id")


@dataclass(frozen=True, slots=True)
class Listing:
    """The lobby as one person sees it at one moment."""

    waiting: list[LiveGame]
    playing: list[LiveGame]
    mine: list[LiveGame]
    waiting_count: int
    playing_count: int
    featured: LiveGame | None


def read(player_id: int | None, now: datetime) -> Listing:
    """Everything that the page shows, in a bounded number of queries.

    Args:
        player_id: whose own games to list too; None for somebody who is not signed in.
        now: the time at which they are listed.
    """
    waiting, playing = WAITING.look_for_long(now), PLAYING.look_for_long(now)
    shown, featured = PLAYING.shown(playing), pick(playing.times, {})
    games = {game.id: game for game in _games_of([*{*shown, *filter(None, [featured])}], State.IN_PROGRESS)}
    return Listing(
        waiting=_games_of(WAITING.shown(waiting), State.WAITING),
        playing=[games[pk] for pk in shown if pk in games],
        featured=games.get(featured or ""),
        mine=[] if player_id is None else sorted(loading.load_all(unfinished_of(player_id)), key=_pressing(player_id)),
        waiting_count=waiting.count,
        playing_count=playing.count,
    )


def _games_of(shown: list[str], state: State) -> list[LiveGame]:
    """Games in the order of their list, but for those that have left it since it was looked at."""
    games = {game.id: game for game in loading.load_all(Game.objects.filter(pk__in=shown)) if game.state is state}
    return [games[pk] for pk in shown if pk in games]


def _pressing(player_id: int):  # type: ignore[no-untyped-def]  # a key for sorted
    """My move first, then theirs, then what waits; newest first within each, as they come."""

    def key(game: LiveGame) -> int:
        if game.state is State.WAITING:
            return 2
        return 0 if game.turn == game.seat_of(player_id) else 1

    return key


# --- for the hub ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """What a hub knows: the ground on which it asks for news.

    Attributes:
        waiting: the list of waiting games.
        playing: the list of games being played.
        mine: the IDs of the unfinished games of each person who listens.
        games: the games as last read: those shown of the lists, people's own, and the featured one.
        featured: the game that lobbies show large.
    """

    waiting: Section = field(default_factory=Section)
    playing: Section = field(default_factory=Section)
    mine: dict[int, set[str]] = field(default_factory=dict)
    games: dict[str, GameObject] = field(default_factory=dict)
    featured: str | None = None

    def concerns(self, game_id: str) -> bool:
        """Whether a move of this game is worth a look: it is shown to somebody, or may come into the list again."""
        has_room = self.playing.is_whole or len(self.playing.times) < PLAYING.most
        return game_id in self.games or (has_room and game_id not in self.playing.times)

    def own_of(self, player_id: int | None) -> dict[str, GameObject]:
        """Somebody's unfinished games, by their IDs; none for None."""
        ids = self.mine.get(player_id, ()) if player_id is not None else ()
        games = self.games
        return {pk: games[pk] for pk in sorted(ids) if pk in games and games[pk].state is not State.FINISHED}


@dataclass(frozen=True, slots=True)
class Question:
    """What a hub wants to know.

    Attributes:
        changed: IDs of games that changed.
        is_survey: whether to look at the lists anew, whatever changed.
        is_review: whether to look at own games anew, whatever changed.
        listening: people whose own games matter.
        featured: the game that lobbies show large.
        watched: where another one is to be chosen: how many watch each game that has spectators.
    """

    changed: frozenset[str]
    is_survey: bool
    is_review: bool
    listening: frozenset[int]
    featured: str | None = None
    watched: dict[str, int] | None = None

    def anew(self, known: Known) -> frozenset[int]:
        """The people whose own games are to be read anew: all, or those of whom nothing is known yet."""
        return self.listening if self.is_review else self.listening - known.mine.keys()


def catch_up(known: Known, question: Question, now: datetime) -> Known:
    """What is known after looking into the store: only games that changed are read, and those that come into a list.

    Args:
        known: what was known before; it is not altered.
        question: what to look for.
        now: the time of looking.
    """
    if question.is_survey:
        waiting, playing = WAITING.look(known.waiting, now), PLAYING.look(known.playing, now)
    else:
        waiting = WAITING.take_in(known.waiting, question.changed, now)
        playing = PLAYING.take_in(known.playing, question.changed, now)
    mine = _mine(known, question)
    featured = question.featured
    if question.watched is not None:
        featured = pick(playing.times, question.watched, but_for=featured)
    shown, own = {*WAITING.shown(waiting), *PLAYING.shown(playing)}, set[str]().union(*mine.values())
    shown |= {*filter(None, [featured])}
    doubtful = (shown if question.is_survey else set()) | (own if question.is_review else set())
    changed = question.changed | _outdated(known, doubtful)
    return Known(waiting, playing, mine, _games(shown | own, known, changed), featured)


def _mine(known: Known, question: Question) -> dict[int, set[str]]:
    """The own games of everybody who listens."""
    anew = question.anew(known)
    mine = {player_id: set() if player_id in anew else known.mine[player_id] - question.changed
            for player_id in question.listening}  # fmt: skip
    for seat in (_made_by, _joined_by):
        _share_out(mine, prepared.rows(seat, [*anew]))
    if mine and question.changed:
        for pk, participant1, participant2 in prepared.rows(_seats, [*question.changed]):
            _share_out(mine, [(pk, participant1), (pk, participant2)])
    return mine


def _share_out(mine: dict[int, set[str]], rows: Iterable[tuple[Any, ...]]) -> None:
    for game_id, player_id in rows:
        if player_id in mine:
            mine[player_id].add(game_id)


def _made_by(player_ids: Sequence[int]) -> QuerySet[Any, Any]:
    return Game.objects.unfinished().filter(participant1__in=player_ids).order_by().values_list("pk", "participant1")


def _joined_by(player_ids: Sequence[int]) -> QuerySet[Any, Any]:
    return Game.objects.unfinished().filter(participant2__in=player_ids).order_by().values_list("pk", "participant2")


def _seats(game_ids: Sequence[str]) -> QuerySet[Any, Any]:
    games = Game.objects.unfinished().filter(pk__in=game_ids).order_by()
    return games.values_list("pk", "participant1", "participant2")


def _games(wanted: set[str], known: Known, changed: frozenset[str]) -> dict[str, GameObject]:
    """The games that are wanted: what is known and unchanged is taken over, the rest is read."""
    games = {pk: game for pk, game in known.games.items() if pk in wanted and pk not in changed}
    missing = wanted - games.keys()
    if missing:
        read = loading.load_all(Game.objects.filter(pk__in=missing))
        games.update({game.id: game.as_json_object() for game in read})
    return games


def _outdated(known: Known, doubtful: set[str]) -> set[str]:
    """Games that changed without our hearing of it."""
    games = known.games
    stored = prepared.rows(_standing, [*(doubtful & games.keys())])
    return {pk for pk, *rest in stored if tuple(rest) != standing(games[pk])}


def _standing(game_ids: Sequence[str]) -> QuerySet[Any, Any]:
    games = Game.objects.filter(pk__in=game_ids).order_by().annotate(number=loading.last_number())
    return games.values_list("pk", "number", "participant1__name", "participant2__name")


def standing(game: GameObject) -> tuple[object, ...]:
    """Where a game stands that somebody is shown: what differs when it has changed. Shown games have not ended."""
    return game.version, game.participant1, game.participant2
