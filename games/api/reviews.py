"""The truth about finished games, over HTTP: reviews, and the scores of positions."""

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from games import runtime
from games.access import addresses
from games.access.quotas import Quota, holder, quotas
from games.api import documented
from games.api.answers import PositionAnswer, QueuedAnswer, ReviewAnswer
from games.api.documented import call
from games.api.finding import find
from games.computer.fairness import refuse_position, refuse_review
from games.computer.review import Review
from games.computer.reviews.queue import is_held_back, is_waited_for
from games.computer.reviews.shown import as_json, over_as_json, position_as_json, stored_review
from games.game.live import LiveGame
from games.protocol import ErrorCode, GameError
from games.rules.board import CELLS, COLUMNS, IllegalDrop, Position

MINUTE = 60.0


class GameReview(APIView):
    """The review of a game."""

    @call("read_review", "The review of a finished game", {200: ReviewAnswer, 202: QueuedAnswer},
          401, 404, 409, 429, 503, parameters=[documented.GAME_ID], tags=["games"])  # fmt: skip
    def get(self, request: Request, game_id: str) -> Response:
        """Scores and a verdict for every ply. With 202 it is queued; `review_ready` says when."""
        game = _find_finished(request, game_id)
        refuse_review(request.user.pk, game.columns)
        if is_held_back(game.id, game.series.id):
            return Response({"status": "queued"}, 202)
        judged, is_broken = _stored(game)
        if judged is not None:
            return Response(as_json(game, judged))
        if is_broken or not is_waited_for(game.id):
            _count(request, Quota("reviews", settings.REVIEWS_PER_USER_PER_MINUTE, MINUTE), "reviews")
        if is_broken:
            runtime.call(lambda here: here.thinking.review_again(game.id))
        runtime.call(lambda here: here.thinking.request_review(game.id))
        return Response({"status": "queued"}, 202)


class GamePosition(APIView):
    """What if."""

    @call("read_position", "The scores of any position: what if", PositionAnswer, 400, 401, 404, 409, 429, 503,
          parameters=[documented.GAME_ID, documented.MOVES], tags=["games"])  # fmt: skip
    def get(self, request: Request, game_id: str) -> Response:
        """For the review of a finished game: how every column of another course of it would have ended."""
        _count(request, Quota("positions", settings.POSITIONS_PER_USER_PER_MINUTE, MINUTE), "positions")
        _find_finished(request, game_id)
        columns = _columns(request.query_params.get("moves", ""))
        position = _position(columns)
        refuse_position(request.user.pk, position)
        if position.is_over:
            return Response(over_as_json(position.winning_line(columns[-1])))
        scores = runtime.call(lambda here: here.thinking.scores(columns))
        return Response(position_as_json(position, scores))


def _stored(game: LiveGame) -> tuple[Review | None, bool]:
    """The review if it is done, and whether what is stored is none."""
    try:
        return stored_review(game), False
    except ValueError:
        return None, True


def _count(request: Request, quota: Quota, what: str) -> None:
    key = holder(request.user.pk, addresses.of_request(request._request))
    quotas.count(quota, key, f"You have asked for many {what} within a minute. Please wait a little.")


def _find_finished(request: Request, text: str) -> LiveGame:
    game = find(request, text)
    if not game.is_finished:
        raise GameError(ErrorCode.GAME_NOT_FINISHED)
    return game


def _columns(moves: str) -> list[int]:
    if len(moves) > CELLS or any(digit not in "1234567"[:COLUMNS] for digit in moves):
        raise ParseError(f"moves: digits from 1 to {COLUMNS}, at most {CELLS}.")
    return [int(digit) - 1 for digit in moves]


def _position(columns: list[int]) -> Position:
    try:
        return Position.from_columns(columns)
    except IllegalDrop as error:
        raise ParseError(f"moves: no legal game: {error}.") from None
