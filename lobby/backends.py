"""How a name and a password become a user: counted first, then hashed in one of a few slots."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from games.access import addresses
from lobby.accounts.hashing import slots
from lobby.accounts.sign_in_lock import Attempt
from lobby.models import User


class CountedBackend(ModelBackend):
    """Django's own, behind the sign-in lock; pages, the API's tokens and the admin all come this way."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The user of that name and password; takes a third of a second, and the time until a slot for hashing is free.

        Args:
            request: of the attempt; None for code of ours that asks without anybody's request, which is not counted.
            username, password: as given.
            kwargs: the parent's.

        Raises:
            Locked: there were too many failures.
            Busy: too many others are signing in at this moment.
            PermissionDenied: they don't match; no other backend is to be asked, which would hash without counting.
        """
        if request is None or username is None or password is None:
            return super().authenticate(request, username, password, **kwargs)
        attempt = Attempt(username, addresses.of_request(request))
        attempt.refuse_if_locked()
        # An attempt is counted while it holds a slot, and given back before the next one is counted. So many people
        # who sign in at the same moment from one address aren't counted as failures.
        with slots.hold():
            attempt.count()
            user = self._look_at(attempt, request, username, password)
        if user is None:
            attempt.refuse_if_locked()
            raise PermissionDenied
        return user

    def get_user(self, user_id: int) -> User | None:
        """Who has a session, with their player, which every page asks for: in one query.

        Args:
            user_id: from the session.
        """
        user = User.objects.select_related("player").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None

    def _look_at(self, attempt: Attempt, request: HttpRequest, username: str, password: str) -> User | None:
        try:
            user = super().authenticate(request, username, password)
        except Exception:
            attempt.give_back()
            raise
        if user is not None:
            attempt.succeed()
        return user
