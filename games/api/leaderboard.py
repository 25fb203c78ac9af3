"""The leaderboard, for programs."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from games.api.answers import BestAnswer
from games.api.documented import call
from games.models import Rating
from games.ratings.leaderboard import RATED_SPEEDS, best


class Leaderboard(APIView):
    """The places of one speed."""

    @call("leaderboard", "The best 100 of a speed", BestAnswer(many=True), 401, 404, 429, 503, tags=["players"],
          parameters=[OpenApiParameter("speed", str, OpenApiParameter.PATH, enum=[*RATED_SPEEDS])])  # fmt: skip
    def get(self, request: Request, speed: str) -> Response:
        """Best first: ratings that are sure enough, of people with a game in the last 30 days."""
        if speed not in RATED_SPEEDS:
            raise NotFound
        return Response([_as_json(rank, row) for rank, row in enumerate(best(speed, timezone.now()), 1)])


def _as_json(rank: int, row: Rating) -> dict[str, object]:
    return {
        "rank": rank, "name": row.player.name, "rating": round(row.rating), "deviation": round(row.deviation),
        "games": row.games,
    }  # fmt: skip
