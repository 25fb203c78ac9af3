"""Settings for production are clean; what is set but wrong stops the start with one line."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from games.apps import _check_layer
from tests.support.servers import ROOT
from tests.support.settings_read import settings_read
from tests.support.stored_games import player, store_game

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


HUGE = "9" * 30
WRONG = {
    "DEBUG": ["maybe"],
    "PUBLIC_URL": ["fourline.example", "https://x/path", "http://[1", "https://exa mple", "https://x:99999", "https://*",
                   "https://fourline.example\nx", "https://x;y", "https://x,y", "https://ex\u00e4mple.de", "https://me@x",
                   "https://-x"],
    "ALLOWED_HOSTS": ["*", "a b", "https://x", "x:80", "x/y", ".", "*.x"],
    "SECRET_KEY": ["abc", "a" * 60, " " * 60, "0123456789\n" * 6],
    "DATABASE_URL": ["mysql://x/y", "nonsense", "sqlite:///", "sqlite://", "sqlite:///:memory:", "sqlite:////tmp",
                     "sqlite:////nowhere/x/db", "sqlite:///a?x=y", "sqlite:///%00", "sqlite:///" + "a" * 300,
                     "postgresql://u@h/n?foo=bar", "postgresql://u@h/n?pool=x", "postgresql://h/n?connect_timeout=soon",
                     "postgresql://u@h:0/n", "postgresql://u@h:99999/n", "postgresql://u@h:abc/n", "postgresql://u@[::1/n",
                     "postgresql://h/n\n", "postgresql://u@h%00/n", "postgresql://h", "$OTHER"],
    "REDIS_URL": ["http://x", "redis://h/abc", "redis://h/-1", "redis://h/0?socket_timeout=soon", "redis://h/0?nope=1",
                  "redis://h h", "redis://h%00", "redis://h\n", "rediss://h?ssl_cert_reqs=banana", "redis://h:99999",
                  "redis://a,redis://a", "unix://sock?db=abc"],
    "CHANNEL_LAYER": ["nope.Nope", "nope", "games.layers.local.Nope", "os.path.join", "games.models", "", ".", "..",
                      "games.layers.local:LocalLayer", "channels_redis.core.RedisChannelLayer",
                      "collections.OrderedDict"],
    "TRUSTED_PROXIES": ["proxy.example", "*", "10.0.0.1/8", "0.0.0.0/0", "::/0", "1.2.3.4/33", "127.0.0.1;10.0.0.1"],
    "EMAIL_URL": ["smtp://h h", "smtp://h:0", "smtp://h:99999", "smtp://h/path", "smtp://u:p%0a@h", "smtp://h\n",
                  "//h"],
    "DEFAULT_FROM_EMAIL": ["nonsense", "a@b\nBcc: x@y", "", "Four <", "@"],
    "METRICS_TOKEN": ["short", "a b c d e f g h i", "\u00e9" * 20, "\t"],
    "HOST": ["", " ", "not a host", "a" * 300, "localhost/", "[::1]", "\u00e9"],
    "PORT": ["99999", "eighty", "", "-1", "1_000", "\u0665", "0x10", HUGE],
    "SIGN_IN_LOCK_MINUTES": ["0", "1e3", HUGE, "9" * 5000],
    "DRAIN_SECONDS": ["1.5", HUGE],
    "SOCKETS_PER_USER": ["0", HUGE, "9" * 5000],
    "UNKNOWN_IDS_PER_MINUTE": ["-1"],
    "SIGN_IN_FAILURES": ["none", HUGE],
    "FOURLINE_DATA": ["", " ", "~/x", "/etc/passwd", "/dev/null", "/tmp/" + "a" * 300, "/nowhere\n/x"],
    "STATIC_ROOT": ["", " ", "~/x", "/etc/passwd", "/tmp/" + "a" * 300, "/"],
    "LOG_LEVEL": ["LOUD", ""],
    "LOG_FORMAT": ["xml", ""],
}  # fmt: skip
NUMBERS = {name: ["none", "0.5", "-1", HUGE] for name in sorted(settings_read() - WRONG.keys())}
"""All others are numbers; a new setting that is none needs lines of its own above."""
CASES = [(name, value) for name, values in (WRONG | NUMBERS).items() for value in values]


def line_of(folder: Path, name: str, value: str) -> str:
    """The one line by which a start is refused."""
    done = manage(folder, "check", **{name: value})
    assert done.returncode == 1, done.stdout
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    return line


@pytest.mark.parametrize(("name", "values"), WRONG.items(), ids=WRONG)
def test_what_is_wrong_is_one_line(tmp_path: Path, name: str, values: list[str]) -> None:
    assert line_of(tmp_path, name, values[0]).startswith(f"fourline: {name}")


@pytest.mark.parametrize(("name", "value"), CASES, ids=[f"{name}={value[:30]!r}" for name, value in CASES])
def test_what_is_wrong_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """In this process: a new one for each would take minutes."""
    for variable in settings_read():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("FOURLINE_DATA", str(tmp_path))
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        _check_layer(runpy.run_path(str(ROOT / "config" / "settings.py"))["CHANNEL_LAYER"])
    assert str(refusal.value).startswith(name)
    assert "\n" not in str(refusal.value)


def test_bytes_that_are_no_text_are_one_line(tmp_path: Path) -> None:
    for name in ("METRICS_TOKEN", "DATABASE_URL", "FOURLINE_DATA", "LOG_LEVEL"):
        assert line_of(tmp_path, name, os.fsdecode(b"\xff")).startswith(f"fourline: {name} must be one line of text")


@pytest.mark.parametrize("content", [b"\xff\xfe" * 40, b"", b"abc", None])
def test_a_bad_key_file_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "secret_key"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    assert line_of(tmp_path, "LOG_FORMAT", "json").startswith(f"fourline: {path} ")


def test_a_value_that_begins_with_a_dollar_is_itself(tmp_path: Path) -> None:
    key = "$" + "314159265358979" * 3
    values = {"SECRET_KEY": key, "METRICS_TOKEN": "$314159265358979"}
    show = "from django.conf import settings; print(settings.SECRET_KEY, settings.METRICS_TOKEN)"
    done = manage(tmp_path, "shell", "--verbosity", "0", "--command", show, **values)
    assert done.stdout.split() == list(values.values()), done.stderr


def test_the_public_address_is_as_browsers_write_it(tmp_path: Path) -> None:
    show = "from django.conf import settings; print(settings.PUBLIC_URL, *settings.ALLOWED_HOSTS)"
    for given, shown in {
        "HTTPS://Fourline.Example:443/": "https://fourline.example fourline.example",
        "http://[::1]:8000": "http://[::1]:8000 [::1]",
    }.items():
        done = manage(tmp_path, "shell", "--verbosity", "0", "--command", show, PUBLIC_URL=given)
        assert done.stdout.strip() == shown, done.stderr


def test_a_password_in_an_address_is_not_shown(tmp_path: Path) -> None:
    for name, value in (("REDIS_URL", "http://:hunter2@x"), ("DATABASE_URL", "mysql://a:hunter2@x/y")):
        assert "hunter2" not in manage(tmp_path, "check", **{name: value}).stderr


def test_invite_links_go_to_the_public_address(settings: LazySettings, transactional_db: None) -> None:
    alice = player("alice")
    game = store_game(alice, None)
    settings.PUBLIC_URL = "https://fourline.example"
    client = Client()
    client.force_login(alice.user)
    assert f"https://fourline.example/join/{game.pk}/" in client.get(f"/games/{game.pk}/").content.decode()
