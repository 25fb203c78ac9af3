"""What participants do besides moving: draws and takebacks that are offered, time that is given."""

from games.game.as_json import clock_object
from games.game.live import LiveGame, LoggedChange
from games.protocol import State
from games.protocol.events import (
    DrawDeclined,
    DrawOffered,
    MovesTakenBack,
    TakebackDeclined,
    TakebackOffered,
    TimeAdded,
)
from games.rules.board import Position


class DrawOffer(LoggedChange, frozen=True, kw_only=True, tag="draw_offer"):
    """A participant offers a draw."""

    WORDS = "offers a draw"

    seat: int

    def apply(self, game: LiveGame) -> None:
        """The offer stands, until it is answered, the other side moves, or the game ends."""
        game.draw_offered_by = self.seat

    def event(self, game: LiveGame) -> DrawOffered:
        """Whose offer it is."""
        return DrawOffered(version=self.number, participant=self.seat)


class DrawDecline(LoggedChange, frozen=True, kw_only=True, tag="draw_decline"):
    """A participant takes the offer back, or declines the other side's."""

    WORDS = "declines the draw, or takes the offer back"

    seat: int

    def apply(self, game: LiveGame) -> None:
        """The offer is gone."""
        game.draw_offered_by = None

    def event(self, game: LiveGame) -> DrawDeclined:
        """Who did."""
        return DrawDeclined(version=self.number, participant=self.seat)


class TakebackOffer(LoggedChange, frozen=True, kw_only=True, tag="takeback_offer"):
    """A participant asks to take a disc back."""

    WORDS = "asks to take a move back"

    seat: int

    def apply(self, game: LiveGame) -> None:
        """The offer stands, until it is answered, the other side moves, or the game ends."""
        game.takeback_offered_by = self.seat

    def event(self, game: LiveGame) -> TakebackOffered:
        """Whose offer it is."""
        return TakebackOffered(version=self.number, participant=self.seat)


class TakebackDecline(LoggedChange, frozen=True, kw_only=True, tag="takeback_decline"):
    """A participant takes the offer back, or declines the other side's."""

    WORDS = "declines the takeback, or takes the offer back"

    seat: int

    def apply(self, game: LiveGame) -> None:
        """The offer is gone."""
        game.takeback_offered_by = None

    def event(self, game: LiveGame) -> TakebackDeclined:
        """Who did."""
        return TakebackDeclined(version=self.number, participant=self.seat)


class Takeback(LoggedChange, frozen=True, kw_only=True, tag="takeback"):
    """A participant agrees: the last discs are taken back. They stay in the log."""

    BEGINS_TURN = True
    WORDS = "agrees to the takeback"

    seat: int
    plies: int

    def apply(self, game: LiveGame) -> None:
        """The discs are off the board, and no offer stands."""
        if game.state is not State.IN_PROGRESS or not 1 <= self.plies <= game.own_plies:
            raise ValueError("discs are taken back that are not there")
        del game.discs[-self.plies :]
        game.position = Position.from_columns(game.columns)
        game.turn_since = self.at
        if game.clock is not None:
            seats = [game.mover_of(ply) for ply in range(game.opening.plies + 1, len(game.discs) + 1)]
            game.clock = game.clock.taken_back((seats.count(1), seats.count(2)))
        game.taken_back_at = self.number
        game.clear_offers()

    def event(self, game: LiveGame) -> MovesTakenBack:
        """How many, and the game without them."""
        return MovesTakenBack(version=self.number, plies=self.plies, game=game.as_json_object())


class TimeGift(LoggedChange, frozen=True, kw_only=True, tag="time"):
    """A participant gives the other side time."""

    WORDS = "gives the other side time"

    seat: int
    added_ms: int

    def apply(self, game: LiveGame) -> None:
        """The other side's clock has more."""
        if game.clock is None:
            raise ValueError("time is given in an untimed game")
        game.clock = game.clock.given_time(3 - self.seat, self.added_ms)

    def event(self, game: LiveGame) -> TimeAdded:
        """Who got it, and both clocks."""
        clock = clock_object(game)
        if clock is None:
            raise ValueError("time is given in an untimed game")
        return TimeAdded(version=self.number, participant=3 - self.seat, clock=clock)
