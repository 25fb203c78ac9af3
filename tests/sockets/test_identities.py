"""Who sessions stand for, many at once: whom Django finds for each, and nobody else."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import LazySettings
from django.conf import settings as project
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from games.access.identity import NOBODY, Claim, verify_all
from games.protocol import GameError
from lobby.models import User

pytestmark = pytest.mark.django_db(transaction=True)


def session_of(person: User, **changes: Any) -> str:
    """The key of a session of somebody's, with changes to what it holds."""
    session = import_module(project.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = project.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    for name, value in changes.items():
        session[{"user": SESSION_KEY, "backend": BACKEND_SESSION_KEY, "hash": HASH_SESSION_KEY}[name]] = value
    session.save()
    return str(session.session_key)


def django_finds(key: str) -> int | None:
    """Whom Django's own way of signing in finds for a session."""
    request = HttpRequest()
    request.session = import_module(project.SESSION_ENGINE).SessionStore(key)
    return get_user(request).pk


@pytest.fixture
def people(transactional_db: None) -> list[User]:
    return [User.objects.create_user(f"person-{number}") for number in range(5)]


def test_everybody_is_who_django_says(people: list[User]) -> None:
    keys = [session_of(user) for user in people]
    User.objects.filter(pk=people[1].pk).update(is_active=False)
    people[2].set_password("another")
    people[2].save()
    User.objects.filter(pk=people[3].pk).update(sign_outs=1)
    Session.objects.filter(session_key=keys[4]).update(expire_date=timezone.now() - timedelta(seconds=1))
    keys += [
        session_of(people[0], hash=""), session_of(people[0], hash="x"), session_of(people[0], backend="no.Backend"),
        session_of(people[0], user="no number"), session_of(people[0], user="999999"), "unknown",
    ]  # fmt: skip
    found = verify_all([Claim(session_key=key) for key in keys])
    assert [who.player_id for who in found] == [people[0].pk] + [None] * 10  # type: ignore[union-attr]  # no refusals
    numbers = [key for key in keys if key != keys[8]]  # Django raises for what is no number
    for key in numbers:
        [who] = verify_all([Claim(session_key=key)])
        assert who.player_id == django_finds(key)  # type: ignore[union-attr]  # no refusal


def test_a_former_key_of_the_site_is_good_enough(people: list[User], settings: LazySettings) -> None:
    key = session_of(people[0])
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new one"
    [who] = verify_all([Claim(session_key=key)])
    assert who.player_id == people[0].pk  # type: ignore[union-attr]  # no refusal


def test_many_take_no_more_queries_than_one(people: list[User]) -> None:
    claims = [Claim(session_key=session_of(user)) for user in people] * 7
    with CaptureQueriesContext(connection) as queries:
        found = verify_all(claims)
    assert [who.player_id for who in found] == [user.pk for user in people] * 7  # type: ignore[union-attr]
    assert len(queries) == 2


def test_a_bad_token_is_its_own_matter(people: list[User]) -> None:
    answers = verify_all([Claim(session_key=session_of(people[0])), Claim(token="bad"), Claim()])
    assert isinstance(answers[1], GameError)
    assert answers[0].player_id == people[0].pk  # type: ignore[union-attr]  # no refusal
    assert answers[2] == NOBODY
