"""What clients ask for on the sockets: one struct a command, its fields to the letter."""

from typing import Annotated, Final, Literal, get_args

from msgspec import UNSET, Meta, Struct, UnsetType

from games.protocol.objects import Preset
from games.rules.time_controls import INCREMENT_SECONDS, INITIAL_SECONDS

CommandId = Annotated[str, Meta(max_length=64)] | int


class Command(Struct, frozen=True, tag_field="type", forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """What a client asks for. ``id``, where given, comes back with the answer."""

    id: CommandId | UnsetType = UNSET


class PlayMove(Command, frozen=True, tag="play_move"):
    """Drop a disc: ``column`` from 0, ``ply`` from 1; ``version`` is the last one that the client has.

    ``moveTimeMs`` says how long the person thought, by the client's own clock.
    """

    column: int
    ply: int
    version: int | UnsetType = UNSET
    move_time_ms: Annotated[int, Meta(ge=0, le=2**63 - 1)] | UnsetType = UNSET


class Resign(Command, frozen=True, tag="resign"):
    """Give the game to the other side."""


class OfferRematch(Command, frozen=True, tag="offer_rematch"):
    """Offer another game, or accept the other side's offer."""


class DeclineRematch(Command, frozen=True, tag="decline_rematch"):
    """Take one's own offer back, or decline the other side's."""


class OfferDraw(Command, frozen=True, tag="offer_draw"):
    """Offer a draw, or accept the other side's offer."""


class DeclineDraw(Command, frozen=True, tag="decline_draw"):
    """Take one's own offer back, or decline the other side's."""


class OfferTakeback(Command, frozen=True, tag="offer_takeback"):
    """Offer to take one's own last disc back, with what followed it; or accept the other side's offer."""


class DeclineTakeback(Command, frozen=True, tag="decline_takeback"):
    """Take one's own offer back, or decline the other side's."""


class Claim(Command, frozen=True, tag="claim"):
    """End a game that the other side has left: as one's own win, or as a draw."""

    result: Literal["win", "draw"]


class AddTime(Command, frozen=True, tag="add_time"):
    """Give the other side 15 s."""


class AbortGame(Command, frozen=True, tag="abort"):
    """End a game without a winner, before both sides have moved."""


class Say(Command, frozen=True, tag="say"):
    """Say something in one's own room: ``text``, or one of the presets."""

    text: Annotated[str, Meta(min_length=1, max_length=140)] | UnsetType = UNSET
    preset: Preset | UnsetType = UNSET

    def __post_init__(self) -> None:
        if (self.text is UNSET) == (self.preset is UNSET):
            raise ValueError("either `text` or `preset` is said")


class Sync(Command, frozen=True, tag="sync"):
    """Ask for a snapshot."""


class Ping(Command, frozen=True, tag="ping"):
    """Ask for a pong; ``version`` is the last one that the client has."""

    version: int | UnsetType = UNSET


class LeavePage(Command, frozen=True, tag="leave_page"):
    """Say that the person has left the page of the game, for another window or tab."""


class SeekTime(Struct, frozen=True, forbid_unknown_fields=True):
    """The time control of a seek, in seconds: days and untimed games are nothing to wait for."""

    initial: Annotated[int, Meta(ge=INITIAL_SECONDS.start, lt=INITIAL_SECONDS.stop)]
    increment: Annotated[int, Meta(ge=INCREMENT_SECONDS.start, lt=INCREMENT_SECONDS.stop)]


Rating = Annotated[int, Meta(ge=0, le=9999)]


class Seek(Command, frozen=True, tag="seek"):
    """Be paired with whoever wants the same; replaces one's former seek. ``ratingRange`` is lowest and highest."""

    time_control: SeekTime
    rated: bool
    rating_range: tuple[Rating, Rating] | None = None

    def __post_init__(self) -> None:
        if self.rating_range is not None and self.rating_range[0] > self.rating_range[1]:
            raise ValueError("`ratingRange` is the lowest rating and then the highest")


class CancelSeek(Command, frozen=True, tag="cancel_seek"):
    """Seek no longer."""


PlayerCommand = (
    PlayMove | Resign | AbortGame | AddTime | Claim | OfferDraw | DeclineDraw | OfferTakeback | DeclineTakeback
    | OfferRematch | DeclineRematch
)  # fmt: skip
"""What changes a game, if its rulings allow it: each has one in `games.game`."""
GameCommand = PlayerCommand | Say | LeavePage | Sync | Ping
"""What a connection to a game may ask."""
LobbyCommand = Sync | Ping | Seek | CancelSeek
"""What a connection to the lobby may ask."""
GAME_COMMANDS: Final = get_args(GameCommand)
LOBBY_COMMANDS: Final = get_args(LobbyCommand)
