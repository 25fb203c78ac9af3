"""docs/protocol.md says all there is, and its examples are what the code reads and writes."""

import json
import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from games import protocol
from games.api import requests
from games.protocol import CloseCode, ErrorCode, Event, GameCommand, GameError, GameObject, LobbyCommand, Reason

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()
EXAMPLES = re.findall(r"^```json *(.*?)\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
ON_BOTH_SOCKETS = (protocol.LobbyPong, protocol.Error, protocol.ServerRestarting)
LOBBY_EVENTS = tuple(kind for kind in protocol.LOBBY_EVENTS if kind not in ON_BOTH_SOCKETS)


def examples(kind: str) -> list[str]:
    return [text for label, text in EXAMPLES if label == kind]


def section(title: str) -> str:
    """The text below a heading, to the next one of its rank or higher."""
    heading = re.search(rf"^(#+) {re.escape(title)}$", PAGE, flags=re.MULTILINE)
    assert heading, title
    rest = PAGE[heading.end() :]
    following = re.search(rf"^#{{1,{len(heading[1])}}} ", rest, flags=re.MULTILINE)
    return rest[: following.start()] if following else rest


def tag(kind: type) -> str:
    return str(msgspec.inspect.type_info(kind).tag)  # type: ignore[union-attr]  # of a tagged struct


def kinds_of_event() -> dict[str, list[type]]:
    """Event classes by their tag; a pong is one of two."""
    found: dict[str, list[type]] = {}
    for base in (Event, protocol.Answer):
        for kind in base.__subclasses__():
            if kind is not protocol.Answer:
                found.setdefault(tag(kind), []).append(kind)
    return found


# --- examples ---------------------------------------------------------------------------------------------------


def test_there_are_no_other_kinds_of_example() -> None:
    known = {"game", "command", "event", "lobby-command", "lobby-event", "moves", "error", ""}
    assert {label for label, _ in EXAMPLES if not label.startswith("request ")} == known


@pytest.mark.parametrize("text", [text for _, text in EXAMPLES])
def test_every_example_is_json(text: str) -> None:
    json.loads(text)


@pytest.mark.parametrize("text", examples("command"))
def test_an_example_of_a_command_is_read(text: str) -> None:
    assert tag(type(protocol.parse_game_command(text))) == json.loads(text)["type"]


@pytest.mark.parametrize("text", examples("lobby-command"))
def test_an_example_of_a_lobby_command_is_read(text: str) -> None:
    protocol.parse_lobby_command(text)


@pytest.mark.parametrize("text", examples("event") + examples("lobby-event"))
def test_an_example_of_an_event_is_written_just_so(text: str) -> None:
    written = json.loads(text)
    kinds = kinds_of_event()[written["type"]]
    assert any(_round_trip(text, kind) == written for kind in kinds)


@pytest.mark.parametrize("text", examples("game"))
def test_an_example_of_a_game_is_written_just_so(text: str) -> None:
    assert _round_trip(text, GameObject) == json.loads(text)


def _round_trip(text: str, kind: type) -> object:
    try:
        return json.loads(msgspec.json.encode(msgspec.json.decode(text, type=kind)))
    except msgspec.ValidationError:
        return None


def test_the_example_of_an_error_is_one() -> None:
    (text,) = examples("error")
    error = GameError(ErrorCode(json.loads(text)["code"]))
    assert json.loads(text) == {"code": error.code, "message": error.message}


@pytest.mark.parametrize(
    ("call", "reader"),
    [
        ("POST /api/token/", requests.Credentials),
        ("POST /api/token/refresh/", requests.Refresh),
        ("POST /api/token/revoke/", requests.Refresh),
        ("POST /api/games/", requests.NewGame),
    ],
)
def test_the_example_of_a_request_is_taken(call: str, reader: type[requests.Strict]) -> None:
    (text,) = examples(f"request {call}")
    assert reader(data=json.loads(text)).is_valid()


# --- nothing is missing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", get_args(GameCommand), ids=tag)
def test_every_command_has_its_place_and_an_example(kind: type) -> None:
    assert f"`{tag(kind)}`" in section("Commands").split("####")[0]
    assert f'"type": "{tag(kind)}"' in section(f"`{tag(kind)}`")


@pytest.mark.parametrize("kind", get_args(LobbyCommand) + LOBBY_EVENTS, ids=tag)
def test_every_message_of_the_lobby_has_an_example(kind: type) -> None:
    assert f'"type": "{tag(kind)}"' in section("WebSocket `/ws/lobby/`")


def test_every_event_has_its_place_and_an_example() -> None:
    lobby = {tag(kind) for kind in LOBBY_EVENTS}
    for name in kinds_of_event().keys() - lobby:
        assert f"`{name}`" in section("Events").split("####")[0], name
        assert f'"type": "{name}"' in section(f"`{name}`"), name


@pytest.mark.parametrize(
    "kind", [kind for kinds in kinds_of_event().values() for kind in kinds], ids=lambda k: k.__name__
)
def test_every_field_of_an_event_is_named(kind: type) -> None:
    for field in msgspec.structs.fields(kind):
        assert field.encode_name in PAGE, field.encode_name


@pytest.mark.parametrize("code", ErrorCode)
def test_every_error_code_is_explained(code: ErrorCode) -> None:
    tables = section("Error codes") + section("Close codes") + section("HTTP for programs, `/api/`")
    assert f"`{code}`" in tables


@pytest.mark.parametrize("code", CloseCode)
def test_every_close_code_is_explained(code: CloseCode) -> None:
    assert str(int(code)) in section("Close codes")


@pytest.mark.parametrize("word", [*Reason, *protocol.State, *protocol.Visibility])
def test_every_word_of_a_game_is_named(word: str) -> None:
    assert f"`{word}`" in PAGE


def _addresses(resolver: URLResolver, before: str = "") -> list[str]:
    found = []
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += ["admin/"] if route == "admin/" else _addresses(pattern, route)
        elif isinstance(pattern, URLPattern) and pattern.name:  # what has no name only catches the rest
            found.append(route)
    return found


def test_every_address_is_listed() -> None:
    for route in _addresses(get_resolver()):
        if route.startswith(("accounts/reset/", "accounts/email/")):
            route = "/".join(route.split("/")[:2]) + "/"  # and the addresses below it
        shown = "/" + re.sub(r"<[^>]*game_id>", "{id}" if route.startswith("api/") else "{game ID}", route)
        shown = re.sub(r"<(?:str|int|day|slug):(\w+)>", r"{\1}", shown)
        assert f"`{shown}" in PAGE or f" {shown}" in PAGE, shown
