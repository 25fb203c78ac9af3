"""What follows the end of a rated game: both ratings change, once, in whichever process.

One transaction claims the game, locks both ratings in key order, writes them, and says in a row for each what the game
did: so all can be computed again (`games.ratings.recomputing`).
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from games.game.as_json import player_object
from games.game.changes import Change
from games.game.live import LiveGame
from games.game.new_game import NewGame
from games.game.people import RatingShown
from games.layers.broadcast import Broadcast
from games.models import Game, RatingChange, written
from games.models import Rating as RatingRow
from games.protocol import Reason, State, encode
from games.protocol.events import RatingsChanged
from games.ratings import glicko
from games.rules.time_controls import control_of, speed_of

MOST_A_DAY = 10
"""Games that two people's ratings take in within a day; more are played for nothing."""
_DAY = timedelta(days=1)


class RatedEnds:
    """Has ratings follow the ends of rated games.

    Args:
        broadcast: tells whoever shows the game.
    """

    FOLLOWS_MOVES = False

    def __init__(self, broadcast: Broadcast) -> None:
        self._broadcast = broadcast
        self._loop = asyncio.get_running_loop()

    def hint(self, game: LiveGame, change: Change) -> Sequence[str]:
        """The game, where the change ended it."""
        return (
            [game.id]
            if game.rated and game.is_finished and not isinstance(change, NewGame) and change.IS_VERSIONED
            else ()
        )

    def pending(self, now: datetime, most: int) -> Sequence[str]:
        """Rated games that have ended, and that no rating knows of."""
        return unrated(most)

    def do(self, work: str) -> None:
        """Rate the game, unless that has been done."""
        game = rate(work, timezone.now())
        shown = None if game is None else ratings_changed(game)
        if shown is not None:
            transaction.on_commit(lambda: self._tell(work, shown))

    def _tell(self, game_id: str, event: RatingsChanged) -> None:
        with contextlib.suppress(RuntimeError):  # the event loop is gone
            self._loop.call_soon_threadsafe(self._broadcast.tell, game_id, encode(event), True)


def ratings_changed(game: Game) -> RatingsChanged | None:
    """What a rated game did to both ratings; None where it did nothing."""
    if game.participant2 is None or game.rating_change1 is None or game.rating_change2 is None:
        return None
    first = RatingShown(game.rating1 or 0, bool(game.provisional1), game.rating_change1)
    second = RatingShown(game.rating2 or 0, bool(game.provisional2), game.rating_change2)
    players = [
        player_object(game.participant1.participant, first),
        player_object(game.participant2.participant, second),
    ]
    return RatingsChanged(players=players)


def unrated(most: int) -> list[str]:
    """Rated games that have ended and that no rating knows of yet, the oldest first.

    Args:
        most: how many are wanted.
    """
    ended = Game.objects.filter(state=written(State.FINISHED), rated=True, rated_at=None)
    return list(ended.order_by("end_time").values_list("pk", flat=True)[:most])


def rate(game_id: str, now: datetime) -> Game | None:
    """Change both ratings by a game's outcome, within the caller's transaction, and note that they know of it.

    Args:
        game_id: of a rated game that has ended.
        now: the time that the game's row gets for it.

    Returns:
        The game; None where that has been done, or another process is doing it: what that leaves a later look finds.
    """
    # Whoever waited here would do nothing in the end: with many games to rate, processes would take turns in place of
    # sharing them. On SQLite the transaction has the lock for writing from its beginning.
    free = Game.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    unrated = free.filter(pk=game_id, state=State.FINISHED, rated=True, rated_at=None)
    game = unrated.select_related("participant1", "participant2").first()
    if game is not None:
        shown = _changed_ratings(game) if _counts(game) else {}
        for name, value in {**shown, "rated_at": now}.items():
            setattr(game, name, value)
        game.save(update_fields=[*shown, "rated_at"])
    return game


def _counts(game: Game) -> bool:
    first, second = game.participant1, game.participant2
    if second is None or game.reason == Reason.ABORTED:
        return False
    # An account may become a bot's while it is taking its first seat.
    return first.bot == second.bot


def _changed_ratings(game: Game) -> dict[str, int | bool]:
    """Write both ratings; what the game's own row says of them."""
    scores = scores_of(game)
    speed = speed_of(control_of(game.initial, game.increment, game.days_per_move)).value
    rows = _locked([*scores], speed)
    if _counted_today(game) >= MOST_A_DAY:
        return {}
    before = {player_id: rating_in(row) for player_id, row in rows.items()}
    at = game.end_time or game.create_time
    changes = [
        _changed(game, rows[player_id], scores[player_id], before[player_id], before[other_id], at)
        for player_id, other_id in ([*scores], [*scores][::-1])
    ]
    RatingChange.objects.bulk_create(changes)
    for row in rows.values():
        row.save()
    return shown_of(game, before, {player_id: rating_in(row) for player_id, row in rows.items()})


# --- what of it is computed again -------------------------------------------------------------------------------


def scores_of(game: Game) -> dict[int, float]:
    """What each participant scored in a game that has ended, by their keys: 1, 0.5 or 0."""
    first = 0.5 if game.winner is None else float(game.winner == 1)
    return {game.participant1_id: first, game.participant2_id or 0: 1 - first}


def after_game(
    player: glicko.Rating, opponent: glicko.Rating, score: float, last: datetime | None, now: datetime
) -> glicko.Rating:
    """A rating after one game.

    Args:
        player: before it.
        opponent: before it too.
        score: the player's: 1, 0.5 or 0.
        last: when the newest of the player's games before ended; None where this is the first.
        now: when this one ended.
    """
    return glicko.after_games(player, [(opponent, score)], glicko.periods_between(last, now))


def latest(last: datetime | None, now: datetime) -> datetime:
    """When the newest game ended, games that are rated late being what they are."""
    return now if last is None else max(last, now)


def rating_in(row: RatingRow) -> glicko.Rating:
    """A stored rating, for the arithmetic."""
    return glicko.Rating(row.rating, row.deviation, row.volatility)


def shown_of(
    game: Game, before: Mapping[int, glicko.Rating], after: Mapping[int, glicko.Rating]
) -> dict[str, int | bool]:
    """What the game's own row says of ratings, for pages and lists."""
    shown: dict[str, int | bool] = {}
    for seat, player_id in ((1, game.participant1_id), (2, game.participant2_id or 0)):
        was = round(before[player_id].rating)
        shown[f"rating{seat}"] = was
        shown[f"provisional{seat}"] = before[player_id].is_provisional
        shown[f"rating_change{seat}"] = round(after[player_id].rating) - was
    return shown


# --- rows -------------------------------------------------------------------------------------------------------


def _locked(player_ids: Sequence[int], speed: str) -> dict[int, RatingRow]:
    """Both ratings, made where there are none, locked in key order so that no two games wait for each other."""
    both = RatingRow.objects.filter(player__in=player_ids, speed=speed)
    if both.count() < len(player_ids):
        first = glicko.Rating()
        values = {"rating": first.rating, "deviation": first.deviation, "volatility": first.volatility}
        new = [RatingRow(player_id=pk, speed=speed, **values) for pk in sorted(player_ids)]
        RatingRow.objects.bulk_create(new, ignore_conflicts=True)
    return {row.player_id: row for row in both.select_for_update().order_by("player_id")}


def _counted_today(game: Game) -> int:
    """Games between the same two that counted within the day before this one's end."""
    first, second = game.participant1_id, game.participant2_id
    either = Q(participant1=first, participant2=second) | Q(participant1=second, participant2=first)
    since = (game.end_time or game.create_time) - _DAY
    return Game.objects.filter(either, rating_change1__isnull=False, end_time__gt=since).count()


def _changed(
    game: Game, row: RatingRow, score: float, before: glicko.Rating, other: glicko.Rating, at: datetime
) -> RatingChange:
    """Change a rating's row, not yet stored; what the game did to it."""
    after = after_game(before, other, score, row.last_game_at, at)
    row.rating, row.deviation, row.volatility = after.rating, after.deviation, after.volatility
    row.games += 1
    row.last_game_at = latest(row.last_game_at, at)
    return RatingChange(
        game=game, player_id=row.player_id, speed=row.speed, number=row.games, score=score, at=at,
        rating_before=before.rating, deviation_before=before.deviation, volatility_before=before.volatility,
        rating=after.rating, deviation=after.deviation, volatility=after.volatility,
    )  # fmt: skip
