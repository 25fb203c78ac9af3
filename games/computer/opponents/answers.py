"""What the computer owes in a game as it stands, apart from its move. Pure."""

from enum import Enum, auto

from games.game.live import LiveGame
from games.game.people import Participant


class Owed(Enum):
    """What the other side waits for."""

    DRAW = auto()
    """An answer to the offer of a draw."""
    TAKEBACK = auto()
    """An answer to the question for a takeback."""
    REMATCH = auto()
    """An answer to the offer of another game."""
    MOVE = auto()


def computer_in(game: LiveGame) -> tuple[int, Participant] | None:
    """The seat of the computer in a game, and who it is there; None in a game of people."""
    for seat, participant in ((1, game.participant1), (2, game.participant2)):
        if participant is not None and participant.computer is not None:
            return seat, participant
    return None


def owed(game: LiveGame, seat: int) -> Owed | None:
    """What the computer has to do next; None where it is the other side's turn.

    Args:
        game: as it stands.
        seat: the computer's.
    """
    person = 3 - seat
    if game.is_finished:
        return Owed.REMATCH if game.rematch_offered_by == person and game.rematch_id is None else None
    if game.takeback_offered_by == person:
        return Owed.TAKEBACK
    if game.draw_offered_by == person:
        return Owed.DRAW
    return Owed.MOVE if game.turn == seat else None
