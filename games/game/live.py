"""`LiveGame`: one game as seats, position and outcome. No socket, no database, no clock.

A command is judged (`games.game.judging`) and gives a change; the change is stored by the journal; only then does the
game take it in (`games.game.changes`), which gives the event that everybody hears. Nothing else alters a live game.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Protocol

from msgspec import Struct

from games import protocol
from games.game.new_game import NewGame
from games.game.people import Participant
from games.protocol import GameObject, Outcome, Reason, State, timestamp
from games.protocol.events import Offers
from games.rules.board import Position
from games.rules.outcomes import mover_of, outcome_of

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


class Disc(Protocol):
    """The change that dropped a disc."""

    @property
    def number(self) -> int:
        """Its place in the log."""

    @property
    def column(self) -> int:
        """Counted from 0."""

    @property
    def at(self) -> datetime:
        """When it was dropped."""

    @property
    def seat(self) -> int | None:
        """By whom."""


class LiveGame:
    """The state of one game, as stored.

    Attributes are for reading; see the module's text for how they change.
    """

    __slots__ = (
        "changes", "create_time", "discs", "draw_offered_by", "end_time", "first_move", "id", "note", "outcome",
        "participant1", "participant2", "position", "rematch_id", "rematch_offered_by", "start_time", "state",
        "takeback_offered_by", "takebacks", "taken_back_at", "version", "visibility",
    )  # fmt: skip

    def __init__(self, new: NewGame) -> None:
        self.id = new.game_id
        self.participant1 = new.participant1
        self.participant2: Participant | None = None
        self.first_move = new.first_move
        self.visibility = new.visibility
        self.takebacks = new.takebacks
        self.state = State.WAITING
        self.version = 0
        """How many state changes clients have seen."""
        self.changes: list[LoggedChange] = []
        """The game's log."""
        self.discs: list[Disc] = []
        """The discs on the board, in the order in which they were dropped."""
        self.position = Position.start()
        self.outcome: Outcome | None = None
        self.note = ""
        self.create_time = new.create_time
        self.start_time: datetime | None = None
        self.end_time: datetime | None = None
        self.draw_offered_by: int | None = None
        self.takeback_offered_by: int | None = None
        self.taken_back_at = 0
        """The version at which discs were taken back last; 0 where none ever were."""
        self.rematch_offered_by: int | None = None
        self.rematch_id: str | None = None

    # --- what it is ---------------------------------------------------------------------------------------------

    @property
    def number(self) -> int:
        """How many changes are stored of the game: whoever knows of fewer is behind."""
        return len(self.changes)

    @property
    def columns(self) -> list[int]:
        """Where the discs on the board were dropped."""
        return [disc.column for disc in self.discs]

    @property
    def played_at(self) -> list[datetime]:
        """When the discs on the board were dropped."""
        return [disc.at for disc in self.discs]

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has joined yet."""
        return self.state is State.WAITING

    @property
    def is_finished(self) -> bool:
        """Whether the game is over."""
        return self.state is State.FINISHED

    @property
    def turn(self) -> int | None:
        """The participant to move; None unless the game is in progress."""
        return self.mover_of(len(self.discs) + 1) if self.state is State.IN_PROGRESS else None

    @property
    def notation(self) -> str:
        """The moves as one digit each, columns counted from 1."""
        return "".join(str(column + 1) for column in self.columns)

    @property
    def rematch(self) -> protocol.Rematch:
        """The standing offer and the game that followed."""
        return protocol.Rematch(offered_by=self.rematch_offered_by, game=self.rematch_id)

    def mover_of(self, ply: int) -> int:
        """The participant whose ply it is.

        Args:
            ply: counted from 1.
        """
        return mover_of(ply, self.first_move)

    def seat_of(self, player_id: int | None) -> int | None:
        """The seat that a player holds: 1, 2 or None.

        Args:
            player_id: a player's primary key; None for somebody who is not signed in.
        """
        if player_id is None:
            return None
        if self.participant1.player_id == player_id:
            return 1
        return 2 if self.participant2 is not None and self.participant2.player_id == player_id else None

    def as_json_object(self) -> GameObject:
        """The game as the contract writes it."""
        return GameObject(
            id=self.id,
            state=self.state,
            version=self.version,
            participant1=self.participant1.name,
            participant2=self.participant2 and self.participant2.name,
            first_move=self.first_move,
            moves=self.columns,
            notation=self.notation,
            turn=self.turn,
            legal_columns=self.position.open_columns if self.state is State.IN_PROGRESS else [],
            outcome=self.outcome,
            visibility=self.visibility,
            create_time=timestamp(self.create_time),
            start_time=timestamp(self.start_time) if self.start_time is not None else None,
            end_time=timestamp(self.end_time) if self.end_time is not None else None,
            takebacks=self.takebacks,
            offers=Offers(draw=self.draw_offered_by, takeback=self.takeback_offered_by),
        )

    def move_played(self, ply: int) -> protocol.MovePlayed:
        """The event of a recorded ply, as it was then.

        Args:
            ply: 1 to the number of discs on the board.
        """
        position = Position.from_columns(disc.column for disc in self.discs[:ply])
        outcome = outcome_of(position, self.discs[ply - 1].column, self.mover_of(ply)) if position.is_over else None
        return self._move_played(ply, position, outcome)

    def last_move_played(self) -> protocol.MovePlayed:
        """The event of the last ply, which is on the board."""
        return self._move_played(len(self.discs), self.position, self.outcome)

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

    def rename(self, names: Mapping[int, str]) -> bool:
        """Take over new names of participants; whether one of them is another.

        Args:
            names: by players' primary keys.
        """
        before = self.participant1, self.participant2
        self.participant1 = _named(self.participant1, names)
        self.participant2 = self.participant2 and _named(self.participant2, names)
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

    def _move_played(self, ply: int, position: Position, outcome: Outcome | None) -> protocol.MovePlayed:
        disc = self.discs[ply - 1]
        column = disc.column
        return protocol.MovePlayed(
            version=disc.number,
            ply=ply,
            column=column,
            row=position.height(column) - 1,
            participant=self.mover_of(ply),
            turn=None if outcome is not None else self.mover_of(ply + 1),
            legal_columns=[] if outcome is not None else position.open_columns,
            outcome=outcome,
            played_at=timestamp(disc.at),
        )


def _named(participant: Participant, names: Mapping[int, str]) -> Participant:
    return participant._replace(name=names.get(participant.player_id, participant.name))
