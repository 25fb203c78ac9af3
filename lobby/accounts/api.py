"""Guests over the API: a program plays at once, without an account."""

from django.conf import settings
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from games.access import addresses, families
from games.api import requests
from games.api.answers import GuestAnswer
from games.api.documented import call
from games.protocol import ErrorCode, GameError
from lobby.accounts import guests


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
