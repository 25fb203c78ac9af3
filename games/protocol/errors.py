"""Refusals: their stable codes, what people read, and why the application closes a connection."""

from enum import IntEnum, StrEnum
from typing import Final


class ErrorCode(StrEnum):
    """What an ``error`` says; the same codes in the REST API."""

    INVALID_MESSAGE = "invalid_message"
    NOT_A_PARTICIPANT = "not_a_participant"
    NOT_YOUR_TURN = "not_your_turn"
    WRONG_PLY = "wrong_ply"
    COLUMN_FULL = "column_full"
    NO_SUCH_COLUMN = "no_such_column"
    GAME_NOT_STARTED = "game_not_started"
    GAME_FINISHED = "game_finished"
    REMATCH_UNAVAILABLE = "rematch_unavailable"
    OFFER_UNAVAILABLE = "offer_unavailable"
    TAKEBACK_UNAVAILABLE = "takeback_unavailable"
    NOTHING_TO_CLAIM = "nothing_to_claim"
    NOT_RATED = "not_rated"
    TOO_LATE = "too_late"
    GAME_NOT_FINISHED = "game_not_finished"
    GAME_IN_PROGRESS = "game_in_progress"
    COMPUTER_UNAVAILABLE = "computer_unavailable"
    RATE_LIMITED = "rate_limited"
    TRY_AGAIN = "try_again"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    GAME_NOT_FOUND = "game_not_found"
    OWN_GAME = "own_game"
    GAME_FULL = "game_full"
    GAME_ALREADY_STARTED = "game_already_started"
    CHAT_UNAVAILABLE = "chat_unavailable"
    UNKNOWN_PLAYER = "unknown_player"
    NOT_INVITED = "not_invited"
    INVALID_REQUEST = "invalid_request"
    NOT_FOUND = "not_found"


class CloseCode(IntEnum):
    """Why the application closed a connection."""

    INVALID_MESSAGES = 4400
    UNAUTHENTICATED = 4401
    FORBIDDEN = 4403
    GAME_NOT_FOUND = 4404
    RATE_LIMITED = 4008
    MESSAGE_TOO_BIG = 4009
    RESTARTING = 4012
    TRY_AGAIN = 4013


MESSAGES: Final[dict[ErrorCode, str]] = {
    ErrorCode.INVALID_MESSAGE: "That message is not part of the protocol.",
    ErrorCode.NOT_A_PARTICIPANT: "You are watching this game; only its participants can do that.",
    ErrorCode.NOT_YOUR_TURN: "It is the other side's turn.",
    ErrorCode.WRONG_PLY: "That ply is not the next one of this game.",
    ErrorCode.COLUMN_FULL: "That column is full.",
    ErrorCode.NO_SUCH_COLUMN: "There is no such column; columns are numbered 0 to 6.",
    ErrorCode.GAME_NOT_STARTED: "This game has not started yet.",
    ErrorCode.GAME_FINISHED: "This game is over.",
    ErrorCode.REMATCH_UNAVAILABLE: "There is no rematch to be had here.",
    ErrorCode.OFFER_UNAVAILABLE: "There is no such offer now, or you have offered a moment ago.",
    ErrorCode.TAKEBACK_UNAVAILABLE: "There is no move of yours to take back, or this game is played without takebacks.",
    ErrorCode.NOTHING_TO_CLAIM: "The other side is here, or has not been away for long enough.",
    ErrorCode.NOT_RATED: "You may not play this game rated.",
    ErrorCode.TOO_LATE: "Both sides have moved: this game can no longer be aborted.",
    ErrorCode.GAME_NOT_FINISHED: "This game goes on: its review comes after its end.",
    ErrorCode.GAME_IN_PROGRESS: "You are in a game against a person. The computer helps nobody until that is over.",
    ErrorCode.COMPUTER_UNAVAILABLE: "The computer can't think that out here just now.",
    ErrorCode.RATE_LIMITED: "Too many messages. Please slow down.",
    ErrorCode.TRY_AGAIN: "That could not be recorded just now. Please try again.",
    ErrorCode.UNAUTHENTICATED: "Please sign in.",
    ErrorCode.FORBIDDEN: "You may not do that.",
    ErrorCode.GAME_NOT_FOUND: "There is no game with that ID.",
    ErrorCode.OWN_GAME: "This is your own game; somebody else has to join it.",
    ErrorCode.GAME_FULL: "Somebody else was quicker: this game has both its participants.",
    ErrorCode.GAME_ALREADY_STARTED: "This game has already started.",
    ErrorCode.CHAT_UNAVAILABLE: "You can't say that here.",
    ErrorCode.UNKNOWN_PLAYER: "There is no player of that name.",
    ErrorCode.NOT_INVITED: "This game is a challenge for somebody else.",
    ErrorCode.INVALID_REQUEST: "That request is not valid.",
    ErrorCode.NOT_FOUND: "There is nothing here.",
}


class GameError(Exception):
    """A refusal with a stable code.

    Attributes:
        code: the `ErrorCode`.
        message: one sentence for people.
    """

    def __init__(self, code: ErrorCode, message: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message or MESSAGES[code]


class InvalidMessage(GameError):
    """A frame that is no command.

    Attributes:
        command_id: the frame's ``id``, where it has a valid one.
    """

    def __init__(self, message: str, command_id: str | int | None = None) -> None:
        super().__init__(ErrorCode.INVALID_MESSAGE, message)
        self.command_id = command_id
