"""Every frame that is no command: `invalid_message`, its valid ``id`` repeated, and never another error."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.protocol import (
    MAX_MESSAGE_BYTES,
    MESSAGES,
    ErrorCode,
    InvalidMessage,
    parse_game_command,
    parse_lobby_command,
)

PARSERS = [parse_game_command, parse_lobby_command]


def refused(text: str, parse=parse_game_command) -> InvalidMessage:
    with pytest.raises(InvalidMessage) as caught:
        parse(text)
    error = caught.value
    assert error.code is ErrorCode.INVALID_MESSAGE
    assert error.message.startswith(MESSAGES[ErrorCode.INVALID_MESSAGE])
    error.message.encode()  # what goes out again must be encodable
    return error


NOT_COMMANDS = {
    "nothing": "",
    "white space": " \n",
    "no JSON": "hello",
    "half of JSON": '{"type": "resign"',
    "two objects": '{"type": "resign"}{"type": "resign"}',
    "an array": '[{"type": "resign"}]',
    "an empty array": "[]",
    "an empty object": "{}",
    "a string": '"resign"',
    "a number": "7",
    "null": "null",
    "true": "true",
    "not a number": "NaN",
    "a byte order mark": '\ufeff{"type": "resign"}',
    "a NUL": "\x00",
    "a NUL after a command": '{"type": "resign"}\x00',
    "a bare NUL in a string": '{"type": "resign\x00"}',
    "an unknown type": '{"type": "undo_move"}',
    "an event": '{"type": "move_played", "column": 1, "ply": 1}',
    "a handler of the consumer": '{"type": "websocket.disconnect"}',
    "no type": '{"column": 1, "ply": 1}',
    "a type that is a number": '{"type": 1}',
    "a type that is null": '{"type": null}',
    "a type that is an array": '{"type": ["resign"]}',
    "a type in capitals": '{"type": "RESIGN"}',
    "single quotes": "{'type': 'resign'}",
    "a trailing comma": '{"type": "resign",}',
    "a comment": '{"type": "resign"} // please',
    "an extra field": '{"type": "resign", "really": true}',
    "a column missing": '{"type": "play_move", "ply": 1}',
    "a ply missing": '{"type": "play_move", "column": 1}',
    "a column as text": '{"type": "play_move", "column": "3", "ply": 1}',
    "a column as a float": '{"type": "play_move", "column": 3.5, "ply": 1}',
    "a whole float": '{"type": "play_move", "column": 3.0, "ply": 1}',
    "an exponent": '{"type": "play_move", "column": 3e0, "ply": 1}',
    "a column that is true": '{"type": "play_move", "column": true, "ply": 1}',
    "a column that is null": '{"type": "play_move", "column": null, "ply": 1}',
    "a column that is an array": '{"type": "play_move", "column": [3], "ply": 1}',
    "a ply that is false": '{"type": "play_move", "column": 3, "ply": false}',
    "a leading zero": '{"type": "play_move", "column": 03, "ply": 1}',
    "a plus sign": '{"type": "play_move", "column": +3, "ply": 1}',
    "a version that is null": '{"type": "ping", "version": null}',
    "a version that is text": '{"type": "ping", "version": "1"}',
    "an id that is null": '{"type": "resign", "id": null}',
    "an id that is true": '{"type": "resign", "id": true}',
    "an id that is a float": '{"type": "resign", "id": 1.5}',
    "an id that is an array": '{"type": "resign", "id": []}',
    "an id of 65 characters": json.dumps({"type": "resign", "id": "x" * 65}),
}


@pytest.mark.parametrize("text", NOT_COMMANDS.values(), ids=NOT_COMMANDS.keys())
@pytest.mark.parametrize("parse", PARSERS, ids=["game", "lobby"])
def test_a_frame_that_is_no_command(text: str, parse) -> None:
    assert refused(text, parse).command_id is None


@pytest.mark.parametrize("text", ['{"type": "resign"}', '{"type": "play_move", "column": 1, "ply": 1}'])
def test_a_command_of_the_game_is_none_of_the_lobby(text: str) -> None:
    refused(text, parse_lobby_command)


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"type":"resign","a":[', '[{"a":'])
@pytest.mark.parametrize("parse", PARSERS, ids=["game", "lobby"])
def test_nesting_without_end(opening: str, parse) -> None:
    refused(opening * 100_000, parse)


def test_nesting_in_an_unknown_field_of_a_whole_message() -> None:
    refused('{"type":"resign","a":' + "[" * 100_000 + "]" * 100_000 + "}")


@pytest.mark.parametrize("digits", [19, 20, 100, 4000, 5000])
@pytest.mark.parametrize("sign", ["", "-"])
def test_huge_integers_are_read_or_refused_never_worse(digits: int, sign: str) -> None:
    text = f'{{"type": "play_move", "column": {sign}{"9" * digits}, "ply": 1}}'
    try:
        assert parse_game_command(text).column == int(f"{sign}{'9' * digits}")
    except InvalidMessage:
        assert digits > 4000  # beyond what one frame can hold anyway
        assert len(text) > MAX_MESSAGE_BYTES


@pytest.mark.parametrize("surrogate", [chr(0xD800), chr(0xDFFF), 2 * chr(0xD800)], ids=["high", "low", "two"])
def test_lone_surrogates(surrogate: str) -> None:
    refused(f'{{"type": "{surrogate}"}}')
    refused(f'{{"type": "resign", "id": "{surrogate}"}}')


def test_an_escaped_lone_surrogate_never_comes_back_as_something_that_cannot_be_sent() -> None:
    try:
        command = parse_game_command('{"type": "resign", "id": "\\ud800"}')
    except InvalidMessage as error:
        error.message.encode()
        assert error.command_id is None
    else:
        str(command.id).encode()


# --- the id -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command_id", ["a", "", "x" * 64, 7, 0, -3, 2**53])
@pytest.mark.parametrize(
    "wrong", [{"type": "nonsense"}, {"type": "resign", "extra": 1}, {"type": "play_move"}, {}, {"type": None}]
)
def test_the_id_of_a_wrong_message_is_repeated(command_id: str | int, wrong: dict[str, object]) -> None:
    assert refused(json.dumps({**wrong, "id": command_id})).command_id == command_id
    assert refused(json.dumps({"id": command_id, **wrong})).command_id == command_id


def test_the_id_of_what_is_no_json_is_not_guessed() -> None:
    assert refused('{"id": 7, "type": "resign"').command_id is None
    assert refused('[{"id": 7}]').command_id is None


# --- anything at all --------------------------------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=20,
)
near_commands = st.fixed_dictionaries(
    {"type": st.sampled_from(["play_move", "resign", "ping", "sync", "offer_draw", "offer_rematch", "x"])},
    optional={
        "column": json_values,
        "ply": json_values,
        "version": json_values,
        "id": json_values,
        "more": json_values,
    },
)


@settings(max_examples=300)
@given(st.text() | json_values.map(json.dumps) | near_commands.map(json.dumps))
def test_any_text_is_a_command_or_an_invalid_message(text: str) -> None:
    for parse in PARSERS:
        try:
            parse(text)
        except InvalidMessage as error:
            error.message.encode()
            assert error.command_id is None or isinstance(error.command_id, str | int)


@given(st.binary(max_size=200))
def test_any_bytes_that_pass_for_text_too(data: bytes) -> None:
    text = data.decode("utf-8", errors="surrogateescape")
    try:
        parse_game_command(text)
    except InvalidMessage as error:
        error.message.encode()
