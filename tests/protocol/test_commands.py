"""Every command, read to the letter."""

import json
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from games.protocol import (
    CancelSeek,
    DeclineRematch,
    GameCommand,
    InvalidMessage,
    LobbyCommand,
    OfferRematch,
    Ping,
    PlayMove,
    Preset,
    Resign,
    Say,
    Seek,
    Sync,
    parse_game_command,
    parse_lobby_command,
)
from games.protocol.commands import (
    AbortGame,
    AddTime,
    Claim,
    DeclineDraw,
    DeclineTakeback,
    LeavePage,
    OfferDraw,
    OfferTakeback,
    SeekTime,
)

EXAMPLES = [
    ('{"type": "play_move", "column": 3, "ply": 1}', PlayMove(column=3, ply=1)),
    ('{"type": "play_move", "column": 3, "ply": 1, "version": 2}', PlayMove(column=3, ply=1, version=2)),
    ('{"type": "resign"}', Resign()),
    (
        '{"type": "play_move", "column": 3, "ply": 1, "moveTimeMs": 0}',
        PlayMove(column=3, ply=1, move_time_ms=0),
    ),
    ('{"type": "add_time"}', AddTime()),
    ('{"type": "claim", "result": "win"}', Claim(result="win")),
    ('{"type": "claim", "result": "draw"}', Claim(result="draw")),
    ('{"type": "abort"}', AbortGame()),
    ('{"type": "offer_draw"}', OfferDraw()),
    ('{"type": "decline_draw"}', DeclineDraw()),
    ('{"type": "offer_takeback"}', OfferTakeback()),
    ('{"type": "decline_takeback"}', DeclineTakeback()),
    ('{"type": "offer_rematch"}', OfferRematch()),
    ('{"type": "decline_rematch"}', DeclineRematch()),
    ('{"type": "say", "text": "hello"}', Say(text="hello")),
    ('{"type": "say", "preset": "good_luck"}', Say(preset=Preset.GOOD_LUCK)),
    ('{"type": "sync"}', Sync()),
    ('{"type": "leave_page"}', LeavePage()),
    ('{"type": "ping"}', Ping()),
    ('{"type": "ping", "version": 7}', Ping(version=7)),
]


@pytest.mark.parametrize(("text", "command"), EXAMPLES)
def test_a_command_is_read(text: str, command: GameCommand) -> None:
    assert parse_game_command(text) == command


def test_every_command_has_an_example() -> None:
    assert {type(command) for _, command in EXAMPLES} == set(get_args(GameCommand))
    assert set(get_args(LobbyCommand)) == {Sync, Ping, Seek, CancelSeek}


@pytest.mark.parametrize(("text", "command"), EXAMPLES)
@pytest.mark.parametrize("command_id", ["", "a", "é" * 64, 0, -1, 2**63, 10**15])
def test_every_command_may_carry_an_id(text: str, command: GameCommand, command_id: str | int) -> None:
    with_id = json.dumps({**json.loads(text), "id": command_id})
    assert parse_game_command(with_id) == msgspec.structs.replace(command, id=command_id)


@pytest.mark.parametrize("text", ['{"type":"sync"}', '{"type":"ping","version":3,"id":"x"}'])
def test_the_lobby_knows_sync_and_ping(text: str) -> None:
    assert parse_lobby_command(text) == parse_game_command(text)


MINUTE = '"timeControl": {"initial": 60, "increment": 0}'


def test_the_lobby_knows_seeks() -> None:
    seek = Seek(time_control=SeekTime(initial=60, increment=0), rated=False)
    assert parse_lobby_command(f'{{"type": "seek", {MINUTE}, "rated": false}}') == seek
    ranged = f'{{"type": "seek", {MINUTE}, "rated": false, "ratingRange": [1300, 1700], "id": 5}}'
    assert parse_lobby_command(ranged) == msgspec.structs.replace(seek, rating_range=(1300, 1700), id=5)
    assert parse_lobby_command('{"type": "cancel_seek"}') == CancelSeek()


@given(st.integers(), st.integers())
def test_integers_of_any_size_are_judged_by_the_game_not_by_the_parser(column: int, ply: int) -> None:
    command = parse_game_command(json.dumps({"type": "play_move", "column": column, "ply": ply}))
    assert command == PlayMove(column=column, ply=ply)


@given(st.sampled_from(EXAMPLES), st.sampled_from(["", " ", "\n\t", "\r\n  "]))
def test_white_space_means_nothing(example: tuple[str, GameCommand], space: str) -> None:
    text, command = example
    assert parse_game_command(f"{space}{text.replace(': ', f'{space}:{space}')}{space}") == command


@pytest.mark.parametrize(
    "value", ["-1", "0.5", "1.0", "1e3", "null", '"1"', "true", "9223372036854775808", "1" + "0" * 40]
)
def test_a_time_that_no_clock_shows_is_invalid(value: str) -> None:
    with pytest.raises(InvalidMessage):
        parse_game_command(f'{{"type": "play_move", "column": 3, "ply": 1, "moveTimeMs": {value}}}')


def test_the_longest_time_is_of_64_bits() -> None:
    text = '{"type": "play_move", "column": 3, "ply": 1, "moveTimeMs": 9223372036854775807}'
    assert parse_game_command(text) == PlayMove(column=3, ply=1, move_time_ms=2**63 - 1)
