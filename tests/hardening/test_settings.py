"""Settings for production are clean; what is set but wrong stops the start with one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from tests.servers import ROOT
from tests.sockets.conftest import Person
from tests.stored_games import store_game

PRODUCTION = {
    "PUBLIC_URL": "https://fourline.example",
    "SECRET_KEY": "not so secret, but long enough to pass for it: 3141592653589793",
    "DATABASE_URL": "postgresql://fourline@127.0.0.1/fourline",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "TRUSTED_PROXIES": "127.0.0.1,10.0.0.0/8",
    "LOG_FORMAT": "json",
    "EMAIL_URL": "smtp+tls://fourline:secret@mail.example:587",
}


def manage(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "FOURLINE_DATA": str(folder), **env}
    command = [sys.executable, "-W", "error", "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_check_deploy_is_clean(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(("name", "told"), [("EMAIL_URL", "lobby.W001"), ("PUBLIC_URL", "lobby.W002")])
def test_check_deploy_says_that_no_letters_are_sent(tmp_path: Path, name: str, told: str) -> None:
    done = manage(tmp_path, "check", "--deploy", **{**PRODUCTION, name: ""})
    assert f"({told}) {name} is not set" in done.stderr


@pytest.mark.parametrize(
    "wrong",
    ["DEBUG=maybe", "PUBLIC_URL=fourline.example", "PUBLIC_URL=https://x/path", "PUBLIC_URL=http://[1",
     "ALLOWED_HOSTS=*", "DATABASE_URL=mysql://x/y", "DATABASE_URL=nonsense", "REDIS_URL=http://x",
     "TRUSTED_PROXIES=proxy.example", "TRUSTED_PROXIES=*", "LOG_LEVEL=LOUD", "LOG_FORMAT=xml", "PORT=99999",
     "PORT=eighty", "SOCKETS_PER_USER=0", "UNKNOWN_IDS_PER_MINUTE=-1", "SIGN_IN_FAILURES=none", "DRAIN_SECONDS=1.5"],
)  # fmt: skip
def test_what_is_wrong_is_one_line(tmp_path: Path, wrong: str) -> None:
    name, _, value = wrong.partition("=")
    done = manage(tmp_path, "check", **{name: value})
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith(f"fourline: {name}")


def test_a_password_in_an_address_is_not_shown(tmp_path: Path) -> None:
    for name, value in (("REDIS_URL", "http://:hunter2@x"), ("DATABASE_URL", "mysql://a:hunter2@x/y")):
        assert "hunter2" not in manage(tmp_path, "check", **{name: value}).stderr


def test_invite_links_go_to_the_public_address(settings: LazySettings, alice: Person) -> None:
    game = store_game(alice.player, None)
    settings.PUBLIC_URL = "https://fourline.example"
    client = Client()
    client.force_login(alice.player.user)  # type: ignore[union-attr]  # she has a player
    assert f"https://fourline.example/join/{game.pk}/" in client.get(f"/games/{game.pk}/").content.decode()
