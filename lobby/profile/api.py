"""Players over the API: what others see of one."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from games.api.answers import PlayerPageAnswer
from games.api.documented import PLAYER_NAME, call
from games.protocol import ErrorCode, GameError, timestamp
from lobby.profile import players


class OnePlayer(APIView):
    """One player."""

    @call("read_player", "A player", PlayerPageAnswer, 401, 404, 503, parameters=[PLAYER_NAME], tags=["players"])
    def get(self, request: Request, name: str) -> Response:
        """For anybody, by name in any case. `playing` is a public game alone."""
        player = players.find(name)
        if player is None:
            raise GameError(ErrorCode.UNKNOWN_PLAYER)
        answer = {
            "name": player.name, "createTime": timestamp(player.user.date_joined), "guest": player.guest,
            "bot": player.bot, "computer": player.computer, "ratings": players.ratings_of(player.pk),
            "playing": players.playing(player.pk, timezone.now()),
        }  # fmt: skip
        return Response(answer)
