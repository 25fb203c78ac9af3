"""The AsyncAPI description of both sockets, made from the message types themselves.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from typing import Any, Final

import msgspec

from games.protocol import (
    GAME_COMMANDS,
    GAME_EVENTS,
    LOBBY_COMMANDS,
    LOBBY_EVENTS,
    MESSAGES,
    CloseCode,
    ErrorCode,
)

_ALL: Final = tuple(dict.fromkeys((*GAME_COMMANDS, *GAME_EVENTS, *LOBBY_COMMANDS, *LOBBY_EVENTS)))

_CLOSE_CODES: Final = {
    CloseCode.INVALID_MESSAGES: "20 invalid messages in a row; do not connect again",
    CloseCode.UNAUTHENTICATED: "bad or expired token, or signed out; do not connect again before signing in",
    CloseCode.FORBIDDEN: "reserved",
    CloseCode.GAME_NOT_FOUND: "no such game; do not connect again",
    CloseCode.RATE_LIMITED: "a limit was exceeded; connect again after 60 s",
    CloseCode.MESSAGE_TOO_BIG: "a message over 4 KiB",
    CloseCode.RESTARTING: "the server restarts; connect again after a random 0 to 1 s",
    CloseCode.TRY_AGAIN: "storage unavailable; connect again with back-off",
}


def describe() -> dict[str, Any]:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Fourline", "version": "1", "description": _description()},
        "defaultContentType": "application/json",
        "servers": {"here": {"host": "localhost:8000", "protocol": "ws"}},
        "channels": {
            "game": _channel("/ws/games/{gameId}/", "One game.", GAME_COMMANDS + GAME_EVENTS)
            | {"parameters": {"gameId": {"description": "Six to eight characters, such as A9F3QX."}}},
            "lobby": _channel("/ws/lobby/", "Games that wait, games being played, one's own.",
                              LOBBY_COMMANDS + LOBBY_EVENTS),
        },
        "operations": {
            "commandGame": _operation("receive", "game", GAME_COMMANDS),
            "hearGame": _operation("send", "game", GAME_EVENTS),
            "commandLobby": _operation("receive", "lobby", LOBBY_COMMANDS),
            "hearLobby": _operation("send", "lobby", LOBBY_EVENTS),
        },
        "components": {"messages": {kind.__name__: _message(kind) for kind in _ALL}, "schemas": _schemas()},
    }  # fmt: skip


def _description() -> str:
    codes = "\n".join(f"- `{code.value}`: {MESSAGES[code]}" for code in ErrorCode)
    closes = "\n".join(f"- {code.value}: {text}" for code, text in _CLOSE_CODES.items())
    return (
        "JSON text frames, one object a frame, each with a `type`. Sign in by the site's session cookie, by the header "
        "`Authorization: Bearer TOKEN`, or by the subprotocols `fourline.v1` and `bearer.TOKEN`.\n\n"
        f"Error codes, here and in the REST API:\n\n{codes}\n\nClose codes:\n\n{closes}\n\n"
        "The server itself may use 1008, 1009, 1012 and 1013 for 4008, 4009, 4012 and 4013, with the same meaning.\n"
    )


def _channel(address: str, text: str, kinds: tuple[type, ...]) -> dict[str, Any]:
    names = [kind.__name__ for kind in kinds]
    messages = {name: {"$ref": f"#/components/messages/{name}"} for name in names}
    return {"address": address, "description": text, "messages": messages}


def _operation(action: str, channel: str, kinds: tuple[type, ...]) -> dict[str, Any]:
    messages = [{"$ref": f"#/channels/{channel}/messages/{kind.__name__}"} for kind in kinds]
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "messages": messages}


def _message(kind: Any) -> dict[str, Any]:
    return {
        "name": kind.__struct_config__.tag,
        "summary": " ".join((kind.__doc__ or "").split()),
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
    }


def _schemas() -> dict[str, Any]:
    _, schemas = msgspec.json.schema_components(_ALL, ref_template="#/components/schemas/{name}")
    for kind in (*GAME_COMMANDS, *LOBBY_COMMANDS):
        schemas[kind.__name__]["additionalProperties"] = False
    return schemas
