"""What may change a game: made by a ruling on one state of a game, stored by the journal, and only then applied.

A change is the same struct everywhere: what a ruling gives, a row of the game's log, what processes tell each other,
and what a live game is restored from. Its ``kind`` is the row's. A new kind of change is a struct here: the union at
the end, storage, messages between processes, restoring and the metrics follow from it.
"""

from datetime import datetime
from typing import Any, get_args

import msgspec

from games import protocol
from games.game.as_json import move_played
from games.game.live import LiveGame, LoggedChange
from games.game.new_game import NewGame
from games.game.offered import DrawDecline, DrawOffer, Takeback, TakebackDecline, TakebackOffer, TimeGift
from games.game.people import Participant, RatingShown
from games.game.standing import MoveTime
from games.protocol import Outcome, Reason, State
from games.rules.board import GameOver
from games.rules.clock import Clock
from games.rules.outcomes import outcome_of


class Start(LoggedChange, frozen=True, kw_only=True, tag="join"):
    """Participant 2 takes the seat."""

    BEGINS_TURN = True
    IN_GAME = frozenset({"participant", "rating", "due_at"})  # people's names stand in one place alone

    participant: Participant
    rating: RatingShown | None = None
    due_at: datetime | None = None
    """When a timed game is due, for its row; not known where the change is read."""
    opening: str = ""
    """The plies on the board from now on, as notation."""

    def apply(self, game: LiveGame) -> None:
        """The game is in progress."""
        if not game.is_waiting:
            raise ValueError("a start after the start")
        game.lay_out(self.opening, self.number, self.at)
        game.participant2 = self.participant
        game.ratings = game.ratings[0], self.rating
        game.start_time = game.turn_since = self.at
        if game.time_control is not None:
            game.clock = Clock.start(game.time_control)
        game.state = State.IN_PROGRESS

    def event(self, game: LiveGame) -> protocol.GameStarted:
        """The game at version 1."""
        return protocol.GameStarted(version=game.version, game=game.as_json_object())


class Drop(LoggedChange, frozen=True, kw_only=True, tag="move"):
    """A disc, with the outcome where the disc ends the game."""

    BEGINS_TURN = True
    IN_GAME = frozenset({"outcome"})  # it follows from the discs

    column: int
    outcome: Outcome | None = None
    time: MoveTime | None = None
    """In a timed game what it cost."""

    def apply(self, game: LiveGame) -> None:
        """The disc lies on the board; offers that its player was made are gone."""
        if game.is_waiting:
            raise ValueError("a move before the start")
        if game.is_finished:
            raise GameOver("the game is over")
        mover = game.mover_of(len(game.discs) + 1)
        game.position = game.position.play(self.column)
        game.discs.append(self)
        game.first_moves.setdefault(mover, self.number)
        game.turn_since = self.at
        if game.clock is not None:
            if self.time is None:
                raise ValueError("a move of a timed game has no time")
            game.clock = game.clock.moved(mover, self.time)
        if game.draw_offered_by == 3 - mover:
            game.draw_offered_by = None
        if game.takeback_offered_by == 3 - mover:
            game.takeback_offered_by = None
        if game.position.is_over:
            game.finish(outcome_of(game.position, self.column, mover), self.at)

    def event(self, game: LiveGame) -> protocol.MovePlayed:
        """The disc, and what may be played next."""
        return move_played(game, len(game.discs), game.position, game.outcome)


class End(LoggedChange, frozen=True, kw_only=True, tag="end"):
    """The game ends by anything but a move."""

    IN_GAME = frozenset({"note"})

    winner: int | None
    reason: Reason
    note: str = ""

    @property
    def outcome(self) -> Outcome:
        """Winner and reason."""
        return Outcome(self.winner, self.reason)

    def apply(self, game: LiveGame) -> None:
        """The game is over."""
        if game.is_finished:
            raise ValueError("an end after the end")
        if game.clock is not None and self.reason is Reason.TIMEOUT and self.winner is not None:
            game.clock = game.clock.flagged(3 - self.winner)
        game.finish(self.outcome, self.at)
        game.note = self.note

    def event(self, game: LiveGame) -> protocol.GameFinished:
        """The outcome."""
        return protocol.GameFinished(version=game.version, outcome=self.outcome)


class _AfterTheEnd(LoggedChange, frozen=True, kw_only=True):
    """A change that clients don't count."""

    IS_VERSIONED = False


class RematchOffer(_AfterTheEnd, frozen=True, kw_only=True, tag="rematch_offer"):
    """A participant offers another game."""

    seat: int

    def apply(self, game: LiveGame) -> None:
        """The offer stands."""
        game.rematch_offered_by = self.seat

    def event(self, game: LiveGame) -> protocol.RematchOffered:
        """Whose offer it is."""
        return protocol.RematchOffered(participant=self.seat)


class RematchDecline(_AfterTheEnd, frozen=True, kw_only=True, tag="rematch_decline"):
    """A participant takes the offer back, or declines the other side's."""

    seat: int

    def apply(self, game: LiveGame) -> None:
        """The offer is gone."""
        game.rematch_offered_by = None

    def event(self, game: LiveGame) -> protocol.RematchDeclined:
        """Who did."""
        return protocol.RematchDeclined(participant=self.seat)


class RematchStart(_AfterTheEnd, frozen=True, kw_only=True, tag="rematch"):
    """The game that follows this one, a game of its own."""

    IN_GAME = frozenset({"new_game"})

    game: str
    new_game: Any = None  # msgspec can't read a union of two dataclasses, such as a time control is
    """The `NewGame` that is to be stored; not known where the change is read."""

    def apply(self, game: LiveGame) -> None:
        """The offer is accepted."""
        game.rematch_offered_by = None
        game.rematch_id = self.game

    def event(self, game: LiveGame) -> protocol.RematchStarted:
        """The new game's ID."""
        return protocol.RematchStarted(game=self.game)


GameChange = (
    Start | Drop | DrawOffer | DrawDecline | TakebackOffer | TakebackDecline | Takeback | TimeGift | End | RematchOffer
    | RematchDecline | RematchStart
)  # fmt: skip
"""What changes a game that is there."""
CHANGES = {str(change.__struct_config__.tag): change for change in get_args(GameChange)}
"""The structs, by their kinds."""
Change = NewGame | GameChange
"""What the journal stores."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(GameChange)


def as_message(change: GameChange) -> str:
    """A change as processes tell each other of it."""
    if isinstance(change, RematchStart):
        change = msgspec.structs.replace(change, new_game=None)
    return _encoder.encode(change).decode()


def of_message(text: str) -> GameChange:
    """The change of `as_message`.

    Raises:
        msgspec.MsgspecError: it is none of this release's.
    """
    change: GameChange = _decoder.decode(text)
    return change


def first_changes(new: NewGame) -> list[LoggedChange]:
    """What stands in a new game's log: nothing while it waits, the start where it is in progress at once."""
    if new.participant2 is None or new.start_time is None:
        return []
    start = Start(
        game_id=new.game_id, number=1, at=new.start_time, seat=2, participant=new.participant2, rating=new.ratings[1],
        opening=new.opening_moves,
    )  # fmt: skip
    return [start]
