"""JSON Web Tokens: got with name and password, used for 15 minutes, renewed with a refresh token that works once."""

from typing import Any, cast

from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import RefreshToken
from rest_framework_simplejwt.utils import get_md5_hash_password

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
        # The lock marks Django's request, and the middleware that answers for it looks there.
        user = authenticate(request._request, username=given["username"], password=given["password"])
        if user is None:
            raise GameError(ErrorCode.UNAUTHENTICATED, "That name and password don't match.")
        return Response(_pair(RefreshToken.for_user(user)))


class Refreshing(APIView):
    """The next pair."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @call("refresh_token", "The next pair of tokens", TokensAnswer, 400, 401, 415, 503,
          request=requests.Refresh, tags=["token"], auth=[])  # fmt: skip
    def post(self, request: Request) -> Response:
        """For a refresh token, which is used up by it."""
        old = _valid(requests.read(requests.Refresh, request)["refresh"])
        user = _owner(old)
        with transaction.atomic():
            _use_up(old)
            return Response(_pair(RefreshToken.for_user(user)))


class Revoking(APIView):
    """Signing out."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @call("revoke_token", "Use a refresh token up", None, 400, 401, 415, 503,
          request=requests.Refresh, status=204, tags=["token"], auth=[])  # fmt: skip
    def post(self, request: Request) -> Response:
        """No more pairs come from it; an access token that is out already ends by itself, within 15 minutes."""
        _use_up(_valid(requests.read(requests.Refresh, request)["refresh"]))
        return Response(status=204)


def _pair(refresh: RefreshToken) -> dict[str, str]:
    return {"access": str(refresh.access_token), "refresh": str(refresh)}


_REFUSED = "That refresh token is not valid, has expired or was used already."


def _valid(text: str) -> RefreshToken:
    try:
        return RefreshToken(cast(Any, text))
    except TokenError:
        raise GameError(ErrorCode.UNAUTHENTICATED, _REFUSED) from None


def _owner(token: RefreshToken) -> AbstractBaseUser:
    """Whose it is, unless that person is gone or has another password by now."""
    claims = {"pk": token[api_settings.USER_ID_CLAIM], "is_active": True}
    user = get_user_model()._default_manager.filter(**claims).first()
    if user is None or token.get(api_settings.REVOKE_TOKEN_CLAIM) != get_md5_hash_password(user.password):
        raise GameError(ErrorCode.UNAUTHENTICATED, _REFUSED)
    return user


def _use_up(token: RefreshToken) -> None:
    """Of two who use a token at the same moment, one is refused: the row that says so is unique."""
    _, is_first = cast(tuple[Any, bool], token.blacklist())  # what it returns, whatever its type says
    if not is_first:
        raise GameError(ErrorCode.UNAUTHENTICATED, _REFUSED)
