"""A live game from its log, and catching up with what others stored."""

from collections.abc import Iterable

from games import protocol
from games.game.changes import first_changes
from games.game.live import LiveGame, LoggedChange
from games.game.new_game import NewGame


def restore(new: NewGame, changes: Iterable[LoggedChange]) -> LiveGame:
    """A live game from what is stored.

    Args:
        new: its row, as it was made.
        changes: its log, in order.

    Raises:
        ValueError: the log has a gap, or (`games.rules.board.IllegalDrop`) its discs are no legal game.
    """
    game = LiveGame(new)
    for change in changes:
        game.take_in(change)
    return game


def begin(new: NewGame) -> LiveGame:
    """A live game that has just been stored."""
    return restore(new, first_changes(new))


def hear(game: LiveGame, change: LoggedChange) -> bool:
    """Take in a change that another process stored and announced.

    Args:
        change: as it was announced.

    Returns:
        Whether the change was the next one and is now part of the game; False where the stored state must be loaded.
    """
    if change.number != game.number + 1:
        return False
    try:
        game.take_in(change)
    except ValueError:
        return False
    return True


def events_since(game: LiveGame, number: int) -> list[protocol.Event]:
    """The events of all changes after one, each as it was then.

    Args:
        game: as it is now.
        number: of the last change that was told.
    """
    past = LiveGame(_made(game))
    events: list[protocol.Event] = []
    for change in game.changes:
        past.take_in(change)
        if change.number > number:
            events.append(change.event(past))
    return events


def _made(game: LiveGame) -> NewGame:
    """The game as it was made, by what it says of itself now."""
    return NewGame(
        game.id,
        game.participant1,
        game.first_move,
        game.visibility,
        game.create_time,
        takebacks=game.takebacks,
        time_control=game.time_control,
        series=game.series,
        opening=game.opening,
        rated=game.rated,
        ratings=(game.ratings[0], None),
        invited=game.invited,
    )
