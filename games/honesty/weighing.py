"""What follows the review of a rated game: figures of both sides, and of both people over their newest games.

The reviews that wait are found in the store, every few seconds, by whichever process looks first.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import DatabaseError
from django.db.models import Sum

from games.computer.models import Review
from games.computer.review import Review as Judged
from games.computer.reviews.shown import stored_review
from games.game.live import LiveGame
from games.honesty.figures import Times, best_moves, own_plies, own_times, skill_of, spread_of, times_of
from games.honesty.models import Conduct, GameConduct, PageLeaving
from games.models import Player
from games.protocol import Reason
from games.registry.after import ByLooksAlone, Work
from games.rules.time_controls import Countdown
from games.storage import loading

NEWEST: Final = 200
"""A person's rated games that are counted, the newest."""


class Weighing(ByLooksAlone):
    """Takes conduct from reviews, which take a while: nothing follows an end at once. See `games.registry.after`."""

    def pending(self, now: datetime, most: int) -> Sequence[Work]:
        """Games whose reviews have not been weighed, the oldest first."""
        found = Review.objects.filter(done_at__isnull=False, weighed=False)
        return list(found.order_by("done_at").values_list("pk", flat=True)[:most])

    def do(self, work: Work) -> None:
        """Weigh one, unless that is done."""
        if Review.objects.filter(pk=work, done_at__isnull=False, weighed=False).update(weighed=True):
            weigh(work)


def weigh(game_id: str) -> None:
    """Take the figures of both sides from a game, if it counts, and renew those of both people.

    Args:
        game_id: of a game whose review is done.
    """
    try:
        game = loading.load(game_id)
        judged = None if game is None else stored_review(game)
    except DatabaseError:
        raise
    except Exception:  # rows or bytes that somebody has changed by hand: they say nothing of anybody
        return
    if game is None or judged is None or game.end_time is None or not _counts(game):
        return
    GameConduct.objects.bulk_create(_sides(game, judged, game.end_time), ignore_conflicts=True)
    people = sorted(p.player_id for p in (game.participant1, game.participant2) if p is not None and not p.bot)
    # Of two games of one person that are weighed at the same time, the second sees the first.
    for player in Player.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk"):
        renew(player.pk)


def renew(player_id: int) -> None:
    """Add a person's newest games up.

    Args:
        player_id: with a row of `GameConduct` at least.
    """
    newest = GameConduct.objects.filter(player=player_id).order_by("-end_time", "-pk")[:NEWEST]
    rows = GameConduct.objects.filter(pk__in=[row.pk for row in newest])
    sums = rows.aggregate(**{name: Sum(name) for name in _SUMMED})
    games = len(newest)
    values = {
        "games": games, "choices": sums["choices"], "best": sums["best"], "last_game_at": newest[0].end_time,
        "skill": skill_of(sums["choices"], sums["best"]), "left_own": sums["left_own"],
        "left_other": sums["left_other"],
        "spread": spread_of(Times(sums["moves"], sums["log_sum"], sums["log_squares"])),
        "left": (sums["left_own"] + sums["left_other"]) / max(1, 2 * sums["turns"]),
    }  # fmt: skip
    Conduct.objects.update_or_create(player_id=player_id, defaults=values)


_SUMMED = ("choices", "best", "moves", "log_sum", "log_squares", "turns", "left_own", "left_other")


def _counts(game: LiveGame) -> bool:
    has_ended = game.outcome is not None and game.outcome.reason is not Reason.ABORTED
    return game.rated and has_ended and game.participant2 is not None


def _sides(game: LiveGame, judged: Judged, end_time: datetime) -> list[GameConduct]:
    left = {row.seat: row for row in PageLeaving.objects.filter(game=game.id)}
    is_timed = isinstance(game.time_control, Countdown)
    sides = []
    for seat, participant in ((1, game.participant1), (2, game.participant2)):
        if participant is None or participant.bot:
            continue
        choices, best = best_moves(game, judged, seat)
        times = times_of(own_times(game, seat) if is_timed else ())
        leaving = left.get(seat, PageLeaving())
        row = GameConduct(
            game_id=game.id, player_id=participant.player_id, end_time=end_time, choices=choices, best=best,
            moves=times.moves, log_sum=times.log_sum, log_squares=times.log_squares, turns=own_plies(game, seat),
            left_own=leaving.own, left_other=leaving.other,
        )  # fmt: skip
        sides.append(row)
    return sides
