"""What every answer says to browsers, and what no page of ours contains."""

import re
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.test import Client

from tests.support.people import Person
from tests.support.stored_games import store_game

PAGES = (
    "/", "/accounts/login/", "/accounts/signup/", "/accounts/", "/history/", "/games/new/", "/games/{}/", "/join/{}/",
    "/games/ZZZZZZ/", "/nothing/", "/api/docs/", "/admin/", "/admin/games/game/", "/admin/games/game/{}/change/",
    "/admin/lobby/user/", "/admin/lobby/user/add/", "/admin/login/",
)  # fmt: skip


@pytest.fixture
def admin(alice: Person) -> Client:
    assert alice.player is not None
    user = alice.player.user
    user.is_staff = user.is_superuser = True
    user.save()
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("page", PAGES)
def test_strict_policies_and_nothing_inline(admin: Client, alice: Person, bob: Person, page: str) -> None:
    game = store_game(alice.player, bob.player, "4433")
    answer = admin.get(page.format(game.pk))
    assert answer.status_code in (200, 302, 404)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy.replace("https", "")
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    _assert_nothing_inline(answer.content.decode())


def _assert_nothing_inline(text: str) -> None:
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in tag or 'type="application/json"' in tag, tag
    assert not re.search(r"<style\b", text)
    assert not re.search(r"<[^>]+\sstyle\s*=", text)
    assert not re.search(r"<[^>]+\son[a-z]+\s*=", text)
    assert not re.search(r"(?:src|action)=[\"'](?:https?:)?//", text)


@pytest.mark.parametrize("path", ["/api/games/", "/api/nothing", "/api/games/ZZZZZZ/"])
def test_the_api_answers_with_the_same_headers(transactional_db: None, path: str) -> None:
    answer = Client().get(path)
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_over_https(settings: LazySettings, transactional_db: None) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    assert Client().get("/accounts/login/").status_code == 301
    assert "max-age=31536000" in Client().get("/accounts/login/", secure=True)["Strict-Transport-Security"]
    assert Client().get("/healthz").status_code == 200


def test_no_template_of_ours_is_inline_or_foreign() -> None:
    for template in Path(settings.BASE_DIR, "templates").rglob("*.html"):
        text = template.read_text()
        assert not re.search(r"<style\b|\sstyle=|\son(?:click|load|submit|change)=|javascript:", text), template
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text), template
