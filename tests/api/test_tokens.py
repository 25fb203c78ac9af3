"""Tokens: got, used, renewed, revoked; and who gets none."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from games.access import families
from games.models import TokenFamily
from tests.support.callers import PASSWORD, Caller, refusal


def get_tokens(name: str = "alice", password: str = PASSWORD) -> dict[str, str]:
    found: dict[str, str] = APIClient().post("/api/token/", {"username": name, "password": password}).json()
    return found


def renew(refresh: str) -> Any:
    return APIClient().post("/api/token/refresh/", {"refresh": refresh})


def with_token(token: str, scheme: str = "Bearer") -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"{scheme} {token}")
    return client


def test_name_and_password_get_a_pair(alice: Caller) -> None:
    tokens = get_tokens("ALICE")
    assert set(tokens) == {"access", "refresh"}
    assert with_token(tokens["access"]).post("/api/games/").status_code == 201


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_in_any_case(alice: Caller, scheme: str) -> None:
    assert with_token(get_tokens()["access"], scheme).post("/api/games/").status_code == 201


def test_the_access_token_is_good_for_15_minutes() -> None:
    assert AccessToken.lifetime == timedelta(minutes=15)


@pytest.mark.parametrize(("name", "password"), [("alice", "wrong"), ("nobody", PASSWORD), ("alice", PASSWORD.upper())])
def test_whoever_does_not_know_the_password_gets_none(alice: Caller, name: str, password: str) -> None:
    answer = APIClient().post("/api/token/", {"username": name, "password": password})
    assert refusal(answer) == (401, "unauthenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_deactivated_person_gets_none(alice: Caller) -> None:
    tokens = get_tokens()
    assert alice.user is not None
    alice.user.is_active = False
    alice.user.save()
    assert refusal(APIClient().post("/api/token/", {"username": "alice", "password": PASSWORD}))[0] == 401
    assert refusal(APIClient().post("/api/token/refresh/", {"refresh": tokens["refresh"]}))[0] == 401
    assert refusal(with_token(tokens["access"]).get("/api/games/")) == (401, "unauthenticated")


def test_a_new_password_ends_the_tokens_of_the_old_one(alice: Caller) -> None:
    tokens = get_tokens()
    assert alice.user is not None
    alice.user.set_password("another horse 43")
    alice.user.save()
    assert refusal(with_token(tokens["access"]).post("/api/games/"))[0] == 401
    assert refusal(APIClient().post("/api/token/refresh/", {"refresh": tokens["refresh"]}))[0] == 401


def test_a_refresh_token_gets_the_next_pair_once(alice: Caller) -> None:
    refresh = get_tokens()["refresh"]
    new = APIClient().post("/api/token/refresh/", {"refresh": refresh}).json()
    assert new["refresh"] != refresh
    assert with_token(new["access"]).post("/api/games/").status_code == 201
    newest = renew(new["refresh"]).json()
    for access in (new["access"], newest["access"]):  # renewing ends no access token
        assert with_token(access).post("/api/games/").status_code == 201


@pytest.mark.parametrize("path", ["refresh", "revoke"])
def test_a_second_use_of_a_refresh_token_ends_the_whole_family(alice: Caller, path: str) -> None:
    stolen, other = get_tokens(), get_tokens()
    new = renew(stolen["refresh"]).json()
    assert refusal(APIClient().post(f"/api/token/{path}/", {"refresh": stolen["refresh"]})) == (401, "unauthenticated")
    assert refusal(renew(new["refresh"])) == (401, "unauthenticated")
    for access in (stolen["access"], new["access"]):
        assert refusal(with_token(access).get("/api/games/")) == (401, "unauthenticated")
    assert with_token(other["access"]).post("/api/games/").status_code == 201
    assert renew(other["refresh"]).status_code == 200


def test_a_replayed_refresh_token_at_the_same_moment_is_refused(alice: Caller) -> None:
    refresh = get_tokens()["refresh"]

    def use(_: int) -> int:
        try:
            return renew(refresh).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        statuses = sorted(threads.map(use, range(4)))
    assert statuses == [200, 401, 401, 401]
    assert TokenFamily.objects.get().end_time is not None


def test_revoking_ends_all_tokens_of_that_sign_in_and_no_other(alice: Caller) -> None:
    first, other = get_tokens(), get_tokens()
    tokens = renew(first["refresh"]).json()
    assert APIClient().post("/api/token/revoke/", {"refresh": tokens["refresh"]}).status_code == 204
    assert refusal(renew(tokens["refresh"])) == (401, "unauthenticated")
    assert refusal(APIClient().post("/api/token/revoke/", {"refresh": tokens["refresh"]})) == (401, "unauthenticated")
    for access in (first["access"], tokens["access"]):
        assert refusal(with_token(access).post("/api/games/")) == (401, "unauthenticated")
    assert with_token(other["access"]).post("/api/games/").status_code == 201


@pytest.mark.parametrize("path", ["refresh", "revoke"])
def test_a_token_of_no_family_is_refused(alice: Caller, path: str) -> None:
    """As they were before there were families."""
    old = RefreshToken.for_user(alice.user)
    assert refusal(APIClient().post(f"/api/token/{path}/", {"refresh": str(old)})) == (401, "unauthenticated")
    assert refusal(with_token(str(old.access_token)).get("/api/games/")) == (401, "unauthenticated")


def test_a_family_is_forgotten_with_its_newest_refresh_token(alice: Caller) -> None:
    renew(get_tokens()["refresh"])
    first, newest = OutstandingToken.objects.order_by("pk")
    for token, families_left in ((first, 1), (newest, 0)):
        token.expires_at = timezone.now()
        token.save()
        call_command("flushexpiredtokens")
        assert TokenFamily.objects.count() == families_left


def test_one_kind_of_token_is_not_the_other(alice: Caller) -> None:
    tokens = get_tokens()
    assert refusal(with_token(tokens["refresh"]).get("/api/games/"))[0] == 401
    assert refusal(APIClient().post("/api/token/refresh/", {"refresh": tokens["access"]}))[0] == 401


def test_an_expired_token_is_refused_even_where_nobody_need_sign_in(alice: Caller) -> None:
    token = families.begin(alice.user).access_token
    token.set_exp(lifetime=-timedelta(seconds=1))
    assert refusal(with_token(str(token)).get("/api/games/")) == (401, "unauthenticated")


def test_a_token_that_we_did_not_sign_is_refused(alice: Caller) -> None:
    import jwt

    claims = families.begin(alice.user).access_token.payload
    forged = [jwt.encode(claims, "k" * 64, "HS256"), jwt.encode(claims, "", "none")]
    for token in forged:
        assert refusal(with_token(token).get("/api/games/")) == (401, "unauthenticated")


def test_the_token_of_a_user_who_is_gone_is_refused(alice: Caller) -> None:
    token = str(families.begin(alice.user).access_token)
    alice.player.delete()
    assert alice.user is not None
    alice.user.delete()
    assert refusal(with_token(token).get("/api/games/")) == (401, "unauthenticated")


def test_a_bad_token_is_refused_beside_a_good_session(alice: Caller) -> None:
    client = with_token("nonsense")
    client.force_login(alice.user)
    assert refusal(client.get("/api/games/")) == (401, "unauthenticated")


@pytest.mark.parametrize(
    "body",
    [{}, {"username": "alice"}, {"username": 1, "password": "x"}, {"username": "a\0", "password": "x"},
     {"username": "alice", "password": "x", "otp": 1}, {"username": "a" * 300, "password": "x"}],
)  # fmt: skip
def test_what_is_no_credentials_is_refused(alice: Caller, body: dict[str, object]) -> None:
    assert refusal(APIClient().post("/api/token/", body)) == (400, "invalid_request")
