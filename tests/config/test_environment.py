"""Settings from the environment: what is set is read, what is wrong is one line that says so."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment, network_settings, secret_key
from config.database import database


def refusal(read, *args: object) -> str:
    """The line by which a setting is refused; always names the variable."""
    with pytest.raises(ImproperlyConfigured) as caught:
        read("SETTING", *args)
    line = str(caught.value)
    assert line.startswith("SETTING must ")
    assert "\n" not in line
    return line


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch):
    """Sets the variable that is read."""
    monkeypatch.delenv("SETTING", raising=False)
    return lambda text: monkeypatch.setenv("SETTING", text)


# --- mail -------------------------------------------------------------------------------------------------------


def test_letters_go_to_the_console_unless_said_otherwise(setting) -> None:
    assert network_settings.mail("SETTING")["EMAIL_BACKEND"].endswith(".console.EmailBackend")


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp+tls://me%40x:p%3Aw@mail.example", 587, True, False),
        ("smtp+ssl://me%40x:p%3Aw@mail.example", 465, False, True),
        ("smtp://me%40x:p%3Aw@mail.example:2525", 2525, False, False),
    ],
)
def test_letters_go_to_a_server(setting, url: str, port: int, tls: bool, ssl: bool) -> None:
    setting(url)
    found = network_settings.mail("SETTING")
    assert found["EMAIL_BACKEND"].endswith(".smtp.EmailBackend")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example", port)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("me@x", "p:w")
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (tls, ssl)


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://user:secret@x:port"])
def test_what_is_no_mail_server_is_refused_without_its_password(setting, url: str) -> None:
    setting(url)
    assert "secret" not in refusal(network_settings.mail)


# --- numbers, switches, choices ---------------------------------------------------------------------------------


def test_numbers_have_bounds(setting) -> None:
    assert environment.number("SETTING", 5, 1) == 5
    setting("7")
    assert environment.number("SETTING", 5, 1, 7) == 7
    for wrong in ("0", "8", "seven", "1.5", ""):
        setting(wrong)
        refusal(environment.number, 5, 1, 7)


def test_switches_are_yes_or_no(setting) -> None:
    assert environment.switch("SETTING", default=True) is True
    for text, value in (("true", True), ("ON", True), ("1", True), ("no", False), ("False", False), ("", False)):
        setting(text)
        assert environment.switch("SETTING", default=True) is value
    setting("perhaps")
    refusal(environment.switch, True)


def test_choices(setting) -> None:
    assert environment.choice("SETTING", "line", "json") == "line"
    setting("JSON")
    assert environment.choice("SETTING", "line", "json") == "json"
    setting("xml")
    refusal(environment.choice, "line", "json")


# --- addresses --------------------------------------------------------------------------------------------------


def test_the_public_address(setting) -> None:
    assert network_settings.public_url("SETTING")[0] == ""
    setting("https://fourline.example/")
    url, parts = network_settings.public_url("SETTING")
    assert (url, parts.scheme, parts.hostname) == ("https://fourline.example", "https", "fourline.example")
    for wrong in (
        "fourline.example",
        "ftp://x",
        "https://x/path",
        "https://x?q",
        "https://me@x",
        "https://",
        "https://x:y",
    ):
        setting(wrong)
        refusal(network_settings.public_url)


def test_networks(setting) -> None:
    assert network_settings.networks("SETTING") == ""
    setting("10.0.0.0/8, 192.0.2.1 ,::1")
    assert network_settings.networks("SETTING") == "10.0.0.0/8,192.0.2.1,::1"
    setting("10.0.0.0/8,proxy")
    refusal(network_settings.networks)


def test_redis(setting) -> None:
    assert network_settings.redis_urls("SETTING") == []
    setting("redis://a:6379/0, rediss://b:6380, unix:///run/valkey.sock")
    assert len(network_settings.redis_urls("SETTING")) == 3
    for wrong in ("a:6379", "http://a", "redis://", "redis://:secret@a:0", "unix://"):
        setting(wrong)
        assert "secret" not in refusal(network_settings.redis_urls)


# --- the database and the key -----------------------------------------------------------------------------------


def test_the_database_is_a_file_in_the_data_folder_unless_said_otherwise(setting, tmp_path: Path) -> None:
    found = database("SETTING", tmp_path)
    assert found["NAME"] == str(tmp_path / "fourline.sqlite3")
    assert "synchronous=FULL" in found["OPTIONS"]["init_command"]
    setting("postgresql://me:word@db.example:5433/fourline")
    found = database("SETTING", tmp_path)
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", 5433, "fourline")


@pytest.mark.parametrize(
    "url", ["mysql://a/b", "postgres is here", "postgresql://a:b/c", "nonsense", "postgresql://host"]
)
def test_other_databases_are_refused(setting, tmp_path: Path, url: str) -> None:
    setting(url)
    with pytest.raises(ImproperlyConfigured, match="SETTING") as caught:
        database("SETTING", tmp_path)
    assert "\n" not in str(caught.value)


def test_the_key_is_made_once_and_only_its_owner_reads_it(setting, tmp_path: Path) -> None:
    key = secret_key.secret_key("SETTING", tmp_path)
    assert len(key) > 60
    assert secret_key.secret_key("SETTING", tmp_path) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
    setting("mine and nobody else's: 3141592653589793")
    assert secret_key.secret_key("SETTING", tmp_path) == "mine and nobody else's: 3141592653589793"
