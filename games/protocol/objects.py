"""The objects that events carry; the REST API and exports have them too."""

from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType

from games.rules.outcomes import Outcome, State
from games.rules.time_controls import Days, Speed, TimeControl


class Visibility(StrEnum):
    """Who finds a game without being told its ID."""

    PUBLIC = "public"
    PRIVATE = "private"


class ChatRoom(StrEnum):
    """Where lines of a series are said: who holds a seat is in the one, everybody else in the other."""

    PARTICIPANTS = "participants"
    SPECTATORS = "spectators"


class Preset(StrEnum):
    """What may be said by one press."""

    GOOD_LUCK = "good_luck"
    GOOD_GAME = "good_game"
    THANKS = "thanks"


class LineObject(Struct, frozen=True, rename="camel", omit_defaults=True):
    """A line of chat: its number counts up in its room."""

    number: int
    name: str
    text: str
    at: str
    bot: bool = False
    """Whether a program's account said it; left out of a person's."""


class TimeControlObject(Struct, frozen=True, rename="camel", omit_defaults=True):
    """How much time there is: ``initial`` and ``increment`` in seconds, or ``daysPerMove``."""

    initial: int | UnsetType = UNSET
    increment: int | UnsetType = UNSET
    days_per_move: int | UnsetType = UNSET

    @classmethod
    def of(cls, control: TimeControl | None) -> "TimeControlObject | None":
        """A time control as the contract writes it; None for untimed games."""
        if control is None:
            return None
        if isinstance(control, Days):
            return cls(days_per_move=control.per_move)
        return cls(control.initial, control.increment)


class SeekObject(Struct, frozen=True, rename="camel"):
    """Somebody's wish to play now."""

    time_control: TimeControlObject
    rated: bool
    since: str


class PlayerObject(Struct, frozen=True, rename="camel"):
    """Who holds a seat."""

    name: str
    computer: int | None = None
    """Its level; null for a person."""
    guest: bool = False
    bot: bool = False
    rating: int | None = None
    provisional: bool = False
    rating_change: int | None = None


class ClockObject(Struct, frozen=True, rename="camel"):
    """Both clocks: so much was left at ``at``; since then that of ``running`` goes down.

    ``firstMoveBy`` is until when the side to move has to make its first move.
    """

    remaining_ms: tuple[int, int]
    running: int | None
    at: str
    first_move_by: str | None = None


class ClaimObject(Struct, frozen=True, rename={"from_": "from"}):
    """Who may end the game, because the other side has left, and from when on."""

    participant: int
    from_: str


class Offers(Struct, frozen=True, rename="camel"):
    """Whose offers stand in a game that goes on."""

    draw: int | None = None
    takeback: int | None = None


class SeriesObject(Struct, frozen=True, rename="camel"):
    """A game's place among its rematches: the first game's ID, its own number counted from 1, and the points of
    participants 1 and 2 as they are in this game, up to it; a draw is 0.5, an aborted game nothing."""

    id: str
    number: int
    score: tuple[float, float]


class GameObject(Struct, frozen=True, rename="camel"):
    """A game, as JSON: the same in a snapshot, in the REST API and in an export."""

    id: str
    state: State
    version: int
    participant1: str
    participant2: str | None
    first_move: int
    moves: list[int]
    notation: str
    turn: int | None
    legal_columns: list[int]
    outcome: Outcome | None
    visibility: Visibility
    create_time: str
    start_time: str | None
    end_time: str | None
    time_control: TimeControlObject | None = None
    speed: Speed = Speed.UNTIMED
    rated: bool = False
    opening_plies: int = 0
    takebacks: bool = True
    players: list[PlayerObject | None] = []
    """Two; the second is null while the game waits."""
    clock: ClockObject | None = None
    offers: Offers = Offers()
    series: SeriesObject = SeriesObject("", 1, (0, 0))
    invited: str | None = None


class Rematch(Struct, frozen=True, rename="camel"):
    """A standing offer (whose), and the game that followed."""

    offered_by: int | None = None
    game: str | None = None
