"""Families of tokens: a refresh token, those that follow it by renewal, and the access tokens of all of them.

What a person gets by signing in once is one family. It ends as a whole: by revocation, by a second use of a refresh
token, or because the person signs out everywhere (docs/decisions/0022-token-families.md).
"""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed, TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken, Token
from rest_framework_simplejwt.utils import get_md5_hash_password

from games.models import TokenFamily
from games.protocol import ErrorCode, GameError
from games.storage import prepared

CLAIM = "family"
_REFUSED = "That refresh token is not valid, has expired or was used already."


class _Presented(RefreshToken):
    """A refresh token as somebody presents it; whether it was used already is found where it is used up."""

    def check_blacklist(self) -> None:
        """Not here: a used token must be told from a bad one."""


class FamilyAuthentication(JWTAuthentication):
    """Takes access tokens of families that have not ended."""

    def get_user(self, validated_token: Token) -> Any:
        """The token's user.

        Raises:
            AuthenticationFailed: the user is gone, or the family has ended.
        """
        user = super().get_user(validated_token)
        if not TokenFamily.objects.filter(pk=validated_token.get(CLAIM), user=user.pk, end_time=None).exists():
            raise AuthenticationFailed("That token was revoked.", code="token_revoked")
        return user


def begin(user: Any) -> RefreshToken:
    """The first refresh token of a new family.

    Args:
        user: who has just proved to be that person.
    """
    with transaction.atomic():
        token = RefreshToken.for_user(user)
        token[CLAIM] = token[api_settings.JTI_CLAIM]
        TokenFamily.objects.create(pk=token[CLAIM], user=user, newest=_stored(token))
    return token


def renew(text: str) -> RefreshToken:
    """The next refresh token of a family.

    Args:
        text: the one before, which is used up by this.

    Raises:
        GameError: ``unauthenticated``. Where the token was used before, the family ends: one of the two who hold it
            has no right to it, and nobody can say which.
    """
    old = _read(text)
    user = _owner(old)
    with transaction.atomic():
        family = TokenFamily.objects.select_for_update().filter(pk=old.get(CLAIM), user=user.pk, end_time=None).first()
        if family is not None and _use_up(old):
            new = RefreshToken.for_user(user)
            new[CLAIM] = family.pk
            family.newest = _stored(new)
            family.save(update_fields=["newest"])
            return new
    _end(TokenFamily.objects.filter(pk=old.get(CLAIM)))
    raise _refusal()


def revoke(text: str) -> None:
    """End a family.

    Args:
        text: its newest refresh token.

    Raises:
        GameError: ``unauthenticated``, also for a token that was used already; its family ends all the same.
    """
    token = _read(text)
    with transaction.atomic():
        is_ended = _end(TokenFamily.objects.filter(pk=token.get(CLAIM)))
        is_first = _use_up(token)
    if not (is_ended and is_first):
        raise _refusal()


def end_all(user_id: int) -> None:
    """End all families of a person.

    Args:
        user_id: the person's key.
    """
    _end(TokenFamily.objects.filter(user_id=user_id))


def ended(families: Iterable[str]) -> set[str]:
    """Those of these families that have ended. Reads the database, once, if there are any."""
    return {family for (family,) in prepared.rows(_ended, list(families))}


def _ended(families: Sequence[str]) -> QuerySet[Any, Any]:
    return TokenFamily.objects.filter(pk__in=families, end_time__isnull=False).values_list("pk")


def _end(families: QuerySet[TokenFamily]) -> bool:
    return families.filter(end_time=None).update(end_time=timezone.now()) > 0


def _read(text: str) -> RefreshToken:
    try:
        return _Presented(cast(Any, text))
    except TokenError:
        raise _refusal() from None


def _refusal() -> GameError:
    return GameError(ErrorCode.UNAUTHENTICATED, _REFUSED)


def _owner(token: RefreshToken) -> AbstractBaseUser:
    """Whose it is, unless that person is gone or has another password by now."""
    claims = {"pk": token[api_settings.USER_ID_CLAIM], "is_active": True}
    user = get_user_model()._default_manager.filter(**claims).first()
    if user is None or token.get(api_settings.REVOKE_TOKEN_CLAIM) != get_md5_hash_password(user.password):
        raise _refusal()
    return user


def _use_up(token: RefreshToken) -> bool:
    """Whether this is its first use: the row that says so is unique."""
    _, is_first = cast(tuple[Any, bool], token.blacklist())  # what it returns, whatever its type says
    return is_first


def _stored(token: RefreshToken) -> OutstandingToken:
    return OutstandingToken.objects.get(jti=token[api_settings.JTI_CLAIM])
