"""The queue of reviews, a table: any process that has workers claims from it, also on other machines.

Claims end by themselves: who works on a review renews its claim, and what a process that died had claimed is free
again after `CLAIM`. Everything here is plain synchronous code, for a reader's or a writer's thread.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from games.computer.models import Looked, Review, ReviewQuerySet
from games.models import Game, GameQuerySet, written
from games.protocol import ErrorCode, GameError, State

CLAIM: Final = timedelta(seconds=10)
"""How long a claim holds."""
MOST_REQUESTED: Final = 500
"""Reviews that people may wait for at the same time; whoever asks for another is told to come back."""
LONGEST_PUT_OFF: Final = timedelta(days=1)
"""A review that fails is tried again, ever more seldom; at least so often."""
LATE: Final = timedelta(minutes=10)
"""A game's end may be stored so long after the time that it bears."""


# --- coming into it ---------------------------------------------------------------------------------------------


def queue(game_ids: Iterable[str], now: datetime) -> None:
    """Queue the reviews of games that have just ended; those that have one stay as they are.

    Args:
        game_ids: of finished games.
        now: the store's time.
    """
    Review.objects.bulk_create([Review(game_id=pk, queued_at=now) for pk in sorted(game_ids)], ignore_conflicts=True)


def request(game_id: str, now: datetime) -> None:
    """Queue a review that somebody waits for, before those that nobody has asked for.

    Args:
        game_id: of a finished game.
        now: the store's time.

    Raises:
        GameError: ``try_again``, too many people wait.
    """
    if is_waited_for(game_id):
        return
    if Review.objects.queued().filter(is_requested=True)[:MOST_REQUESTED].count() >= MOST_REQUESTED:
        raise GameError(ErrorCode.TRY_AGAIN, "Many people wait for reviews just now. Please try again later.")
    queue([game_id], now)
    Review.objects.queued().filter(pk=game_id).update(is_requested=True)


def is_waited_for(game_id: str) -> bool:
    """Whether to ask for a review changes nothing: somebody has asked for it already, or it is done."""
    return Review.objects.filter(pk=game_id).filter(Q(is_requested=True) | Q(scores__isnull=False)).exists()


def unqueued(since: datetime, most: int) -> Sequence[str]:
    """Games that have ended and were never queued, the oldest first: whoever stored their end died right after it.

    Args:
        since: when they ended at the earliest.
        most: how many are wanted.
    """
    ended = Game.objects.filter(state=written(State.FINISHED), end_time__gte=since, participant2__isnull=False)
    return list(ended.filter(review=None).order_by("end_time").values_list("pk", flat=True)[:most])


def looked_until(now: datetime) -> datetime:
    """Since when games may have been missed.

    Args:
        now: where nobody has ever looked, a day before this.
    """
    found = Looked.objects.order_by("-until").values_list("until", flat=True).first()
    return (found or now - timedelta(days=1)) - LATE


def note_looked(now: datetime) -> None:
    """All games that had ended by then are queued.

    Args:
        now: when that was asked.
    """
    if not Looked.objects.filter(pk=1).update(until=now):
        Looked.objects.create(pk=1, until=now)


# --- going out of it --------------------------------------------------------------------------------------------


def is_any(now: datetime) -> bool:
    """Whether there is a review that may be claimed."""
    return _free(now).exists()


def claim(by: str, now: datetime) -> str | None:
    """Take the next review: of those that people wait for the oldest, else the newest.

    When games end faster than they can be reviewed, it is the oldest that nobody has asked for that wait.

    Args:
        by: the process.
        now: the store's time.

    Returns:
        Its game's ID; None where there is none.
    """
    free = _free(now).select_for_update(skip_locked=True).values_list("pk", flat=True)
    found = free.filter(is_requested=True).order_by("queued_at").first()
    found = found or free.filter(is_requested=False).order_by("-queued_at").first()
    if found is not None:
        Review.objects.filter(pk=found).update(claimed_by=by, claimed_until=now + CLAIM)
    return found


def renew(game_id: str, by: str, now: datetime) -> bool:
    """Keep a review that is being worked on.

    Returns:
        Whether it is still this process's.
    """
    mine = Review.objects.queued().filter(pk=game_id, claimed_by=by)
    return mine.update(claimed_until=now + CLAIM) == 1


def finish(game_id: str, scores: bytes, now: datetime) -> bool:
    """Store a review.

    Args:
        game_id: its game's.
        scores: as `games.computer.review.encode` gives them.
        now: the store's time.

    Returns:
        Whether it was this call that did; False where it was done already.
    """
    done = {"scores": scores, "done_at": now, "claimed_by": "", "claimed_until": None}
    return Review.objects.queued().filter(pk=game_id).update(**done) == 1


def release(game_id: str, by: str) -> None:
    """Let others take a review that this process can't do."""
    Review.objects.queued().filter(pk=game_id, claimed_by=by).update(claimed_by="", claimed_until=None)


def put_off(game_id: str, by: str, now: datetime) -> None:
    """Try a review that has failed again later: after a minute, then after twice as long each time, up to a day."""
    for attempts in Review.objects.queued().filter(pk=game_id, claimed_by=by).values_list("attempts", flat=True):
        wait = min(timedelta(minutes=2 ** min(attempts, 12)), LONGEST_PUT_OFF)
        failed = {"claimed_by": "", "claimed_until": now + wait, "attempts": attempts + 1}
        Review.objects.filter(pk=game_id).update(**failed)


def forget(game_id: str, now: datetime) -> None:
    """Do a review again whose bytes make none."""
    again = {"scores": None, "done_at": None, "queued_at": now, "claimed_by": "", "claimed_until": None}
    Review.objects.filter(pk=game_id).update(**again)


def is_held_back(game_id: str, first_id: str) -> bool:
    """Whether a review waits because a rated game of the same series goes on.

    Args:
        game_id: the finished game's.
        first_id: that of the series' first game.
    """
    going_on = Game.objects.unfinished().in_progress().filter(rated=True)
    return going_on.of_series(first_id).exclude(pk=game_id).exists()


def _free(now: datetime) -> ReviewQuerySet:
    queued = Review.objects.queued().filter(Q(claimed_until=None) | Q(claimed_until__lte=now))
    return queued.exclude(Exists(_rated_of_the_series()))


def _rated_of_the_series() -> GameQuerySet:
    """Rated games that go on, of the series of a review's game."""
    first = Coalesce(OuterRef("game__series"), OuterRef("game"))
    return Game.objects.unfinished().in_progress().filter(Q(pk=first) | Q(series=first), rated=True)
