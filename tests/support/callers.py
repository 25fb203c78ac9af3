"""Who calls the API, and what it answers."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.response import Response
from rest_framework.test import APIClient

from games.access import families
from games.models import Player
from lobby.models import User

PASSWORD = "correct horse 42"


@dataclass(frozen=True)
class Caller:
    """Somebody who calls the API; nobody, without a user."""

    user: User | None = None

    @property
    def player(self) -> Player:
        return Player.objects.of(self.user)

    def client(self) -> APIClient:
        client = APIClient()
        if self.user is not None:
            token = families.begin(self.user).access_token
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client

    def get(self, path: str, **query: Any) -> Response:
        return self.client().get(path, query)

    def post(self, path: str, body: Any = None) -> Response:
        return self.client().post(path, body, format="json")


def refusal(response: Any) -> tuple[int, str]:
    """Status and code of a refusal, which must have its one shape."""
    body = response.json()
    assert set(body) == {"code", "message"}, body
    assert body["message"]
    assert response["Content-Type"].startswith("application/json")
    return response.status_code, body["code"]


def queries() -> CaptureQueriesContext:
    """Counts the queries of a ``with``."""
    return CaptureQueriesContext(connection)
