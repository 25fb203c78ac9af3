"""The games of a series, for the page of one of them."""

from typing import NamedTuple

from games.game.series import Series
from games.models import Game
from games.protocol import Reason, State
from games.records.words import reason_in_words

MOST = 100
"""Games that are listed, the newest."""


class SeriesGame(NamedTuple):
    """One game of a series.

    Attributes:
        id: the game's.
        number: its place, counted from 1.
        result: such as "alice won", "drawn" or "in progress".
        reason: how it ended, such as "four in a row"; empty before that.
    """

    id: str
    number: int
    result: str
    reason: str


def games_of(series: Series) -> list[SeriesGame]:
    """All games of a series, those after the one that is asked for too, the newest first; none where it is the first.

    Args:
        series: the place of the game that is looked at.
    """
    if series.number == 1:
        return []
    games = Game.objects.of_series(series.id).select_related("participant1", "participant2").order_by("-series_number")
    return [
        SeriesGame(game.pk, game.series_number, _result(game), reason_in_words(game.reason)) for game in games[:MOST]
    ]


def _result(game: Game) -> str:
    if game.state != State.FINISHED:
        return "in progress"
    if game.winner is None:
        return "no result" if game.reason == Reason.ABORTED else "drawn"
    winner = game.participant1 if game.winner == 1 else game.participant2
    return f"{winner.name if winner else 'nobody'} won"
