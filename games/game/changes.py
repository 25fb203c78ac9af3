"""What may change a game: made by a ruling on one state of a game, stored by the journal, and only then applied.

``apply`` takes a stored change into the very state that it was made on, and gives the event that everybody hears.
"""

from dataclasses import dataclass
from datetime import datetime

from games import protocol
from games.game.live import LiveGame, NewGame
from games.game.people import Participant
from games.protocol import Outcome, State
from games.rules.board import Position


@dataclass(frozen=True, slots=True)
class Drop:
    """A disc, with the outcome where the disc ends the game."""

    game_id: str
    ply: int
    column: int
    played_at: datetime
    position: Position
    outcome: Outcome | None

    def apply(self, game: LiveGame) -> protocol.MovePlayed:
        """The disc lies on the board."""
        game.position = self.position
        game.columns.append(self.column)
        game.played_at.append(self.played_at)
        if self.outcome is not None:
            game.finish(self.outcome, self.played_at)
        return game.last_move_played()


@dataclass(frozen=True, slots=True)
class Start:
    """Participant 2 takes the seat."""

    game_id: str
    participant: Participant
    start_time: datetime

    def apply(self, game: LiveGame) -> protocol.GameStarted:
        """The game is in progress."""
        game.participant2 = self.participant
        game.start_time = self.start_time
        game.state = State.IN_PROGRESS
        return protocol.GameStarted(version=game.version, game=game.as_json_object())


@dataclass(frozen=True, slots=True)
class End:
    """The game ends by anything but a move, after ``plies`` of them."""

    game_id: str
    from_state: State
    plies: int
    outcome: Outcome
    end_time: datetime
    note: str = ""

    def apply(self, game: LiveGame) -> protocol.GameFinished:
        """The game is over."""
        game.finish(self.outcome, self.end_time)
        game.note = self.note
        return protocol.GameFinished(version=game.version, outcome=self.outcome)


@dataclass(frozen=True, slots=True)
class OfferChange:
    """A rematch offer is made (``offered_by`` a seat) or goes (None); ``standing`` is what it replaces."""

    game_id: str
    standing: int | None
    offered_by: int | None
    by_seat: int

    def apply(self, game: LiveGame) -> protocol.RematchOffered | protocol.RematchDeclined:
        """The offer stands, or is gone."""
        game.rematch_offered_by = self.offered_by
        if self.offered_by is None:
            return protocol.RematchDeclined(participant=self.by_seat)
        return protocol.RematchOffered(participant=self.offered_by)


@dataclass(frozen=True, slots=True)
class RematchStart:
    """The game that follows this one, by the offer of the seat ``offered_by``."""

    game_id: str
    offered_by: int
    new_game: NewGame

    def apply(self, game: LiveGame) -> protocol.RematchStarted:
        """The offer is accepted; the new game is a game of its own."""
        game.rematch_offered_by = None
        game.rematch_id = self.new_game.game_id
        return protocol.RematchStarted(game=self.new_game.game_id)


GameChange = Drop | Start | End | OfferChange | RematchStart
"""What changes a game that is there."""
Change = NewGame | GameChange
"""What the journal stores."""
