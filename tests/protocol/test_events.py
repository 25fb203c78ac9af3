"""Every event as the text of its frame."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import msgspec
import pytest
from msgspec import UNSET

from games import protocol
from games.protocol import (
    Answer,
    Challenged,
    ChallengeEnded,
    ChallengeResult,
    Chat,
    ChatRoom,
    Counts,
    Error,
    ErrorCode,
    Event,
    Featured,
    GameError,
    GameFinished,
    GameListed,
    GameObject,
    GameStarted,
    GameUnlisted,
    GameUpdated,
    LineObject,
    LobbyPong,
    LobbySnapshot,
    MovePlayed,
    Outcome,
    Paired,
    Ping,
    PlayMove,
    Pong,
    Presence,
    Reason,
    Rematch,
    RematchDeclined,
    RematchOffered,
    RematchStarted,
    Resign,
    ReviewReady,
    Said,
    SeekEnded,
    Seeking,
    SeekObject,
    ServerRestarting,
    Snapshot,
    State,
    Visibility,
    answering,
    encode,
    error_text,
    timestamp,
)
from games.protocol.events import (
    GAME_EVENTS,
    DrawDeclined,
    DrawOffered,
    MovesTakenBack,
    RatingsChanged,
    TakebackDeclined,
    TakebackOffered,
    TimeAdded,
    Versioned,
)
from games.protocol.objects import ClockObject, Offers, PlayerObject, SeriesObject, TimeControlObject
from games.rules.time_controls import Countdown, Speed

NOON = "2026-11-20T12:00:00.000Z"
GAME = GameObject(
    id="A9F3QX", state=State.IN_PROGRESS, version=4, participant1="alice", participant2="bob", first_move=1,
    moves=[3, 3, 2], notation="443", turn=2, legal_columns=[0, 1, 2, 3, 4, 5, 6], outcome=None,
    visibility=Visibility.PUBLIC, create_time=NOON, start_time="2026-11-20T12:00:09.120Z", end_time=None,
    time_control=TimeControlObject.of(Countdown(60, 1)), speed=Speed.BLITZ, takebacks=True,
    players=[PlayerObject("alice"), None], offers=Offers(takeback=2), series=SeriesObject("A9F3QX", 2, (0.5, 0.5)),
)  # fmt: skip
PLAYER_JSON = {
    "name": "alice", "computer": None, "guest": False, "bot": False, "rating": None, "provisional": False,
    "ratingChange": None,
}  # fmt: skip
GAME_JSON = {
    "id": "A9F3QX", "state": "in-progress", "version": 4, "participant1": "alice", "participant2": "bob",
    "firstMove": 1, "moves": [3, 3, 2], "notation": "443", "turn": 2, "legalColumns": [0, 1, 2, 3, 4, 5, 6],
    "outcome": None, "visibility": "public", "createTime": NOON, "startTime": "2026-11-20T12:00:09.120Z",
    "endTime": None, "timeControl": {"initial": 60, "increment": 1}, "speed": "blitz", "rated": False,
    "openingPlies": 0, "takebacks": True, "players": [PLAYER_JSON, None], "clock": None,
    "offers": {"draw": None, "takeback": 2}, "invited": None,
    "series": {"id": "A9F3QX", "number": 2, "score": [0.5, 0.5]},
}  # fmt: skip
WIN = Outcome(1, Reason.FOUR_IN_A_ROW, ((0, 0), (1, 0), (2, 0), (3, 0)))
WIN_JSON = {"winner": 1, "reason": "four_in_a_row", "line": [[0, 0], [1, 0], [2, 0], [3, 0]]}
MOVE = MovePlayed(
    version=8, ply=7, column=3, row=0, participant=1, turn=None, legal_columns=[], outcome=WIN, played_at=NOON
)
CLOCK = ClockObject((45_000, 30_000), 1, NOON)
CLOCK_JSON = {"remainingMs": [45_000, 30_000], "running": 1, "at": NOON, "firstMoveBy": None}

MINUTE = TimeControlObject(initial=60, increment=0)
SEEK_JSON = {"timeControl": {"initial": 60, "increment": 0}, "rated": False, "since": NOON}
EXAMPLES: list[tuple[Event, dict[str, object]]] = [
    (
        Snapshot(game=GAME, you=None, server_time=NOON, rematch=Rematch()),
        {"type": "snapshot", "game": GAME_JSON, "you": None, "serverTime": NOON,
         "rematch": {"offeredBy": None, "game": None}},
    ),
    (GameStarted(version=1, game=GAME), {"type": "game_started", "version": 1, "game": GAME_JSON}),
    (
        MOVE,
        {"type": "move_played", "version": 8, "ply": 7, "column": 3, "row": 0, "participant": 1, "turn": None,
         "legalColumns": [], "outcome": WIN_JSON, "playedAt": NOON, "clock": None, "moveMs": None},
    ),
    (
        GameFinished(version=3, outcome=Outcome(2, Reason.RESIGNATION)),
        {"type": "game_finished", "version": 3, "outcome": {"winner": 2, "reason": "resignation", "line": None}},
    ),
    (DrawOffered(version=5, participant=2), {"type": "draw_offered", "version": 5, "participant": 2}),
    (DrawDeclined(version=6, participant=1), {"type": "draw_declined", "version": 6, "participant": 1}),
    (TakebackOffered(version=5, participant=1), {"type": "takeback_offered", "version": 5, "participant": 1}),
    (TakebackDeclined(version=6, participant=2), {"type": "takeback_declined", "version": 6, "participant": 2}),
    (
        MovesTakenBack(version=6, plies=2, game=GAME),
        {"type": "moves_taken_back", "version": 6, "plies": 2, "game": GAME_JSON},
    ),
    (
        TimeAdded(version=5, participant=1, clock=CLOCK),
        {"type": "time_added", "version": 5, "participant": 1, "clock": CLOCK_JSON},
    ),
    (
        msgspec.structs.replace(MOVE, clock=CLOCK, move_ms=3_650),
        {"type": "move_played", "version": 8, "ply": 7, "column": 3, "row": 0, "participant": 1, "turn": None,
         "legalColumns": [], "outcome": WIN_JSON, "playedAt": NOON, "clock": CLOCK_JSON, "moveMs": 3_650},
    ),
    (
        RatingsChanged(players=[PlayerObject("alice", rating=1512, rating_change=9), PlayerObject("bob")]),
        {"type": "ratings_changed", "players": [
            {"name": "alice", "computer": None, "guest": False, "bot": False, "rating": 1512, "provisional": False,
             "ratingChange": 9},
            {"name": "bob", "computer": None, "guest": False, "bot": False, "rating": None, "provisional": False,
             "ratingChange": None},
        ]},
    ),
    (RematchOffered(participant=1), {"type": "rematch_offered", "participant": 1}),
    (RematchDeclined(participant=2), {"type": "rematch_declined", "participant": 2}),
    (RematchStarted(game="B2C3D4"), {"type": "rematch_started", "game": "B2C3D4"}),
    (Pong(version=4, server_time=NOON), {"type": "pong", "version": 4, "serverTime": NOON}),
    (
        Pong(version=9, server_time=NOON, rematch=Rematch(offered_by=2)),
        {"type": "pong", "version": 9, "serverTime": NOON, "rematch": {"offeredBy": 2, "game": None}},
    ),
    (LobbyPong(server_time=NOON), {"type": "pong", "serverTime": NOON}),
    (Error(code=ErrorCode.TRY_AGAIN, message="m"), {"type": "error", "code": "try_again", "message": "m"}),
    (ReviewReady(), {"type": "review_ready"}),
    (ServerRestarting(), {"type": "server_restarting"}),
    (
        LobbySnapshot(waiting=[], playing=[GAME], mine=[], waiting_count=0, playing_count=1),
        {"type": "lobby_snapshot", "waiting": [], "playing": [GAME_JSON], "mine": [], "waitingCount": 0,
         "playingCount": 1, "seek": None, "challenges": [], "paired": None, "featured": None},
    ),
    (
        LobbySnapshot(waiting=[], playing=[], mine=[], waiting_count=0, playing_count=0, challenges=[GAME],
                      seek=SeekObject(time_control=MINUTE, rated=False, since=NOON), paired="B2C3D4"),
        {"type": "lobby_snapshot", "waiting": [], "playing": [], "mine": [], "waitingCount": 0, "playingCount": 0,
         "seek": SEEK_JSON, "challenges": [GAME_JSON], "paired": "B2C3D4", "featured": None},
    ),
    (Seeking(time_control=MINUTE, rated=False, since=NOON), {"type": "seeking", **SEEK_JSON}),
    (SeekEnded(), {"type": "seek_ended"}),
    (Paired(game="B2C3D4"), {"type": "paired", "game": "B2C3D4"}),
    (Challenged(game=GAME), {"type": "challenged", "game": GAME_JSON}),
    (
        ChallengeEnded(id="A9F3QX", result=ChallengeResult.DECLINED, participant1="alice", invited="bob"),
        {"type": "challenge_ended", "id": "A9F3QX", "result": "declined", "participant1": "alice", "invited": "bob"},
    ),
    (
        ChallengeEnded(id="A9F3QX"),
        {"type": "challenge_ended", "id": "A9F3QX", "result": None, "participant1": None, "invited": None},
    ),
    (
        Counts(online=12, seeking={"60+0": 2}, playing=4),
        {"type": "counts", "online": 12, "seeking": {"60+0": 2}, "playing": 4},
    ),
    (
        Chat(room=ChatRoom.PARTICIPANTS, lines=[LineObject(3, "alice", "hello", NOON)], may="text"),
        {
            "type": "chat", "room": "participants",
            "lines": [{"number": 3, "name": "alice", "text": "hello", "at": NOON}], "may": "text", "off": False,
        },
    ),
    (
        Said(room=ChatRoom.SPECTATORS, number=4, name="bob", text="\u202ehi\U0001f600", at=NOON),
        {
            "type": "said", "room": "spectators", "number": 4, "name": "bob", "text": "\u202ehi\U0001f600", "at": NOON,
        },
    ),
    (GameListed(game=GAME), {"type": "game_listed", "game": GAME_JSON}),
    (GameUpdated(game=GAME), {"type": "game_updated", "game": GAME_JSON}),
    (GameUnlisted(id="A9F3QX"), {"type": "game_unlisted", "id": "A9F3QX"}),
    (Featured(game=GAME), {"type": "featured", "game": GAME_JSON}),
    (Featured(game=None), {"type": "featured", "game": None}),
]  # fmt: skip


@pytest.mark.parametrize(("event", "expected"), EXAMPLES, ids=lambda value: getattr(value, "__class__", value).__name__)
def test_an_event_is_written_as_the_contract_says(event: Event, expected: dict[str, object]) -> None:
    text = encode(event)
    assert json.loads(text) == expected
    assert msgspec.json.decode(text, type=type(event)) == event


def test_presence_says_who_is_connected() -> None:
    written = json.loads(encode(Presence(participant1=True, participant2=False, spectators=3)))
    expected = {"type": "presence", "participant1": True, "participant2": False, "spectators": 3}
    assert expected.items() <= written.items()


def kinds(base: type) -> set[type]:
    """All classes below one, itself left out."""
    return {kind for child in base.__subclasses__() for kind in {child, *kinds(child)}}


def test_every_event_has_an_example() -> None:
    assert {type(event) for event, _ in EXAMPLES} | {Presence, Answer} == kinds(Event)


# --- answers ----------------------------------------------------------------------------------------------------

ANSWERS = [event for event, _ in EXAMPLES if isinstance(event, Answer)]


@pytest.mark.parametrize("event", ANSWERS, ids=lambda event: type(event).__name__)
@pytest.mark.parametrize("command_id", ["a", "", 7, 0, -1])
def test_an_answer_repeats_the_id_of_its_command(event: Answer, command_id: str | int) -> None:
    assert json.loads(answering(event, Ping(id=command_id))) == json.loads(encode(event)) | {"id": command_id}
    assert event.id is UNSET  # the event itself, which others may hear too, stays without


@pytest.mark.parametrize("event", ANSWERS, ids=lambda event: type(event).__name__)
def test_an_answer_to_a_command_without_an_id_has_none(event: Answer) -> None:
    assert answering(event, PlayMove(column=1, ply=1)) == encode(event)


def test_a_refusal_is_an_error_with_its_code_its_message_and_the_id() -> None:
    error = GameError(ErrorCode.COLUMN_FULL)
    assert json.loads(error_text(error)) == {
        "type": "error", "code": "column_full", "message": protocol.MESSAGES[ErrorCode.COLUMN_FULL],
    }  # fmt: skip
    assert json.loads(error_text(error, "x"))["id"] == "x"
    assert json.loads(error_text(error, 0))["id"] == 0
    assert "id" not in json.loads(error_text(error, Resign().id))


def test_a_refusal_may_have_words_of_its_own() -> None:
    assert json.loads(error_text(GameError(ErrorCode.TRY_AGAIN, "Later.")))["message"] == "Later."


def test_every_code_has_a_sentence() -> None:
    assert set(protocol.MESSAGES) == set(ErrorCode)
    assert all(message.endswith(".") and message[0].isupper() for message in protocol.MESSAGES.values())


# --- times ------------------------------------------------------------------------------------------------------


def test_times_are_utc_with_milliseconds_and_z() -> None:
    assert timestamp(datetime(2026, 11, 20, 12, 0, 9, 120_999, tzinfo=UTC)) == "2026-11-20T12:00:09.120Z"
    assert timestamp(datetime(2026, 11, 20, 12, tzinfo=UTC)) == NOON
    assert timestamp(datetime(2026, 11, 20, 14, tzinfo=timezone(timedelta(hours=2)))) == NOON


def test_every_event_with_a_version_brings_its_game_to_it() -> None:
    with_version = {kind for kind in GAME_EVENTS if "version" in kind.__struct_fields__} - {protocol.Pong}
    assert set(get_args(Versioned)) == with_version
