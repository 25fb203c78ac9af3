"""Programs over the API: a guest that plays at once, without an account; an account that is a bot's."""

from django.conf import settings
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from games.access import addresses, families
from games.api import requests
from games.api.answers import BotAnswer, GuestAnswer
from games.api.documented import call
from games.protocol import ErrorCode, GameError
from lobby.accounts import bots, guests


class Guests(APIView):
    """Guests are made."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @call("create_guest", "Play without an account: a guest, and its tokens", GuestAnswer, 400, 403, 415, 429, 503,
          status=201, request=None, tags=["token"], auth=[])  # fmt: skip
    def post(self, request: Request) -> Response:
        """Its tokens are all that there is of it: with the last of them the guest is lost."""
        requests.nothing_expected(request)
        if not settings.GUESTS:
            raise GameError(ErrorCode.FORBIDDEN, "Nobody plays here without an account.")
        user = guests.make(addresses.of_request(request._request))
        refresh = families.begin(user)
        pair = {"access": str(refresh.access_token), "refresh": str(refresh)}
        return Response({"name": user.username, **pair}, 201)


class Bot(APIView):
    """An account becomes a bot's."""

    @call("become_bot", "Say that a program plays with this account: for ever", BotAnswer, 400, 401, 403, 409, 415, 503,
          request=None, tags=["players"])  # fmt: skip
    def post(self, request: Request) -> Response:
        """Before its first game alone; 200 as well where it is one already. Bots play rated games with bots alone."""
        requests.nothing_expected(request)
        bots.become(request.user.pk or 0)
        return Response({"name": request.user.get_username(), "bot": True})
