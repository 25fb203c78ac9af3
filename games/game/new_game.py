"""What a game is made of."""

from dataclasses import dataclass
from datetime import datetime

from games.game.people import Participant, Ratings
from games.game.series import Series
from games.protocol import Visibility
from games.rules.openings import Opening
from games.rules.time_controls import TimeControl


@dataclass(frozen=True, slots=True)
class Terms:
    """How somebody wants a game to be.

    Attributes:
        visibility: whether lists show it.
        first_move: who moves first: 1, 2 or ``"random"``.
        takebacks: whether moves may be taken back.
        time_control: how much time there is; None for any.
        opening: what is on the board at the start.
        rated: whether the outcome changes both ratings.
        invited: who alone may join; None for anybody.
    """

    visibility: Visibility = Visibility.PUBLIC
    first_move: int | str = 1
    takebacks: bool = True
    time_control: TimeControl | None = None
    opening: Opening = Opening.NONE
    rated: bool = False
    invited: Participant | None = None


AS_USUAL = Terms()
"""What holds where nothing else is said."""


@dataclass(frozen=True, slots=True)
class NewGame:
    """What a game is made of: the row to be stored.

    With participant 2 and a start it is in progress at once: its log begins with the start, for which an opening has to
    be drawn.

    Attributes:
        takebacks: whether moves may be taken back.
        time_control: how much time there is; None for any.
        opening: what is on the board at the start.
        opening_moves: its plies as notation, of a game in progress: `Opening.draw`.
        series: its place in a series; None where it is the first of one.
        rated: whether the outcome changes both ratings.
        ratings: of both participants, as far as they are there.
        invited: who alone may join; None for anybody.
        most_waiting: it is stored only while fewer games of its maker wait; None where that doesn't matter.

    Raises:
        ValueError: it is in progress, but the opening isn't drawn.
    """

    game_id: str
    participant1: Participant
    first_move: int
    visibility: Visibility
    create_time: datetime
    participant2: Participant | None = None
    start_time: datetime | None = None
    rematch_of: str | None = None
    most_waiting: int | None = None
    takebacks: bool = True
    time_control: TimeControl | None = None
    series: Series | None = None
    opening: Opening = Opening.NONE
    opening_moves: str = ""
    rated: bool = False
    ratings: Ratings = (None, None)
    invited: Participant | None = None

    def __post_init__(self) -> None:
        if self.start_time is not None and len(self.opening_moves) != self.opening.plies:
            raise ValueError("a game starts with the opening that was agreed on")
