"""Makes people who are signed in, many at once, in the database of whichever Django project is set up."""

import secrets
from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.models import Session
from django.utils import timezone

USERS = 5000
"""Enough that each of 5000 idle connections is another person's."""


def signed_in_users() -> list[tuple[int, str]]:
    """The benchmark's users, made where they are missing, in a fixed order.

    Returns:
        For each the primary key and the value of a Cookie header of a valid session.
    """
    users = get_user_model()
    if not users.objects.exists():
        # A password that nobody knows; hashing 5000 real ones would take minutes and nobody signs in with them.
        made = [users(username=f"bench-{number}", password="!" + secrets.token_hex(16)) for number in range(USERS)]
        users.objects.bulk_create(made, batch_size=500)
        _sign_in(list(users.objects.all()))
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    sessions = {}
    for session in Session.objects.all():
        sessions[int(store.decode(session.session_data)[SESSION_KEY])] = session.session_key
    return [(pk, f"{settings.SESSION_COOKIE_NAME}={key}") for pk, key in sorted(sessions.items())]


def _sign_in(users: list) -> None:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    expiry = timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    Session.objects.bulk_create(
        [
            Session(
                session_key=secrets.token_hex(16),
                session_data=store.encode(
                    {
                        SESSION_KEY: str(user.pk),
                        BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
                        HASH_SESSION_KEY: user.get_session_auth_hash(),
                    }
                ),
                expire_date=expiry,
            )
            for user in users
        ],
        batch_size=500,
    )


def print_plan(game_ids: list[str], cookies: list[str], paired_from: int) -> None:
    """Print two lines of the load client's plan for each game, seat 1 first.

    Args:
        game_ids: the games.
        cookies: of all users, in the order of their seats: users 2i and 2i + 1 play each other.
        paired_from: which game, counted over all runs, the first of these is.
    """
    for number, game_id in enumerate(game_ids, start=paired_from):
        for seat in (0, 1):
            print(f"/ws/games/{game_id}/ {cookies[(2 * number + seat) % len(cookies)]}")
