"""JSON Web Tokens: got with name and password, used for 15 minutes, renewed with a refresh token that works once."""

from django.contrib.auth import authenticate
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import RefreshToken

from games.access import families
from games.api import requests
from games.api.answers import TokensAnswer
from games.api.documented import call
from games.protocol import ErrorCode, GameError


class Tokens(APIView):
    """The first pair."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @call("create_token", "Sign in: a pair of tokens", TokensAnswer, 400, 401, 415, 429, 503,
          request=requests.Credentials, tags=["token"], auth=[])  # fmt: skip
    def post(self, request: Request) -> Response:
        """For name and password, the name in any case; locked for a while after 5 failures from one address."""
        given = requests.read(requests.Credentials, request)
        # Django's request, whose address the sign-in lock counts by.
        user = authenticate(request._request, username=given["username"], password=given["password"])
        if user is None:
            raise GameError(ErrorCode.UNAUTHENTICATED, "That name and password don't match.")
        return Response(_pair(families.begin(user)))


class Refreshing(APIView):
    """The next pair."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @call("refresh_token", "The next pair of tokens", TokensAnswer, 400, 401, 415, 503,
          request=requests.Refresh, tags=["token"], auth=[])  # fmt: skip
    def post(self, request: Request) -> Response:
        """For a refresh token, which is used up by it. A second use ends this sign-in, as revoking does."""
        return Response(_pair(families.renew(requests.read(requests.Refresh, request)["refresh"])))


class Revoking(APIView):
    """Signing out."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @call("revoke_token", "Sign out: end all tokens of this sign-in", None, 400, 401, 415, 503,
          request=requests.Refresh, status=204, tags=["token"], auth=[])  # fmt: skip
    def post(self, request: Request) -> Response:
        """No token of this sign-in is taken any more, and connections made with one end within 5 s."""
        families.revoke(requests.read(requests.Refresh, request)["refresh"])
        return Response(status=204)


def _pair(refresh: RefreshToken) -> dict[str, str]:
    return {"access": str(refresh.access_token), "refresh": str(refresh)}
