"""`LiveGame`: one game as seats, position and outcome. No socket, no database, no clock.

A command is judged (`games.game.judging`) and gives a change; the change is stored by the journal; only then does the
game take it in (`games.game.changes`), which gives the event that everybody hears. Nothing else alters a live game.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from msgspec import Struct

from games import protocol
from games.game.as_json import game_object, move_played
from games.game.new_game import NewGame
from games.game.people import Participant
from games.game.standing import Standing
from games.protocol import GameObject, Outcome, Reason, State, timestamp
from games.rules.board import Position
from games.rules.outcomes import outcome_of

BY_A_MOVE = frozenset({Reason.FOUR_IN_A_ROW, Reason.BOARD_FULL})


class LoggedChange(Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True, gc=False):
    """A row of a game's log.

    Attributes:
        game_id: the game's.
        number: the row's place in the log, counted from 1, without gaps.
        at: when it was judged.
        seat: whose doing it is; None for the house.
    """

    IS_VERSIONED: ClassVar[bool] = True
    """Whether clients count it. What they don't count comes after the end, so up to there numbers are versions."""
    IN_GAME: ClassVar[frozenset[str]] = frozenset()
    """Fields that the log's row has not: they follow from the game's own row, or from the rows before."""
    BEGINS_TURN: ClassVar[bool] = False
    """Whether a side's time begins with it."""
    WORDS: ClassVar[str] = ""
    """What its participant does, for the record of a game; empty where the record tells it otherwise."""

    game_id: str
    number: int
    at: datetime
    seat: int | None = None

    @property
    def kind(self) -> str:
        """What sort of change it is: the column ``kind`` of its row."""
        return str(self.__struct_config__.tag)

    def apply(self, game: "LiveGame") -> None:
        """Take the change into the very state that it was made on."""
        raise NotImplementedError

    def event(self, game: "LiveGame") -> protocol.Event:
        """What everybody hears.

        Args:
            game: as it is just after the change.
        """
        raise NotImplementedError


class LiveGame(Standing):
    """The state of one game, as stored.

    Attributes are for reading; see the module's text for how they change.
    """

    __slots__ = ("changes",)

    def __init__(self, new: NewGame) -> None:
        super().__init__(new)
        self.changes: list[LoggedChange] = []
        """The game's log."""

    @property
    def number(self) -> int:
        """How many changes are stored of the game: whoever knows of fewer is behind."""
        return len(self.changes)

    def as_json_object(self) -> GameObject:
        """The game as the contract writes it."""
        return game_object(self)

    def move_played(self, ply: int) -> protocol.MovePlayed:
        """The event of a recorded ply, as it was then.

        Args:
            ply: 1 to the number of discs on the board.
        """
        position = Position.from_columns(disc.column for disc in self.discs[:ply])
        outcome = outcome_of(position, self.discs[ply - 1].column, self.mover_of(ply)) if position.is_over else None
        return move_played(self, ply, position, outcome)

    def snapshot(self, player_id: int | None, now: datetime) -> protocol.Snapshot:
        """The whole state as one person sees it.

        Args:
            player_id: who asks; None for somebody who is not signed in.
            now: the server's time, for the client's clock.
        """
        return protocol.Snapshot(
            game=self.as_json_object(), you=self.seat_of(player_id), server_time=timestamp(now), rematch=self.rematch
        )

    # --- how it changes -----------------------------------------------------------------------------------------

    def take_in(self, change: LoggedChange) -> None:
        """Take in the next change, which is stored.

        Raises:
            ValueError: it isn't the next one, or (`games.rules.board.IllegalDrop`) makes no legal game.
        """
        if change.number != len(self.changes) + 1:
            raise ValueError(f"change {len(self.changes) + 1} is missing: change {change.number} follows")
        change.apply(self)
        self.changes.append(change)
        if change.IS_VERSIONED:
            self.version = change.number

    def rename(self, people: Mapping[int, Participant]) -> bool:
        """Take over what participants are called and are by now; whether that is another.

        Args:
            people: by players' primary keys.
        """
        before = self.participant1, self.participant2
        self.participant1 = people.get(self.participant1.player_id, self.participant1)
        if self.participant2 is not None:
            self.participant2 = people.get(self.participant2.player_id, self.participant2)
        if self.invited is not None:
            self.invited = people.get(self.invited.player_id, self.invited)
        return before != (self.participant1, self.participant2)

    def finish(self, outcome: Outcome, now: datetime) -> None:
        """The game is over, as a change says that is stored."""
        self.state = State.FINISHED
        self.outcome = outcome
        self.end_time = now
        self.clear_offers()

    def clear_offers(self) -> None:
        """No offer stands any more but that of a rematch."""
        self.draw_offered_by = self.takeback_offered_by = None
