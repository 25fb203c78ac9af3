"""A live game from what is stored, and catching up with what others stored."""

from datetime import datetime

from games import protocol
from games.game.changes import Drop
from games.game.live import BY_A_MOVE, LiveGame, NewGame, outcome_of
from games.protocol import Outcome, Reason, State
from games.rules.board import GameOver


def restore(
    new: NewGame, moves: list[tuple[int, datetime]], outcome: Outcome | None, end_time: datetime | None
) -> LiveGame:
    """A live game from what is stored.

    Args:
        new: its row, as it was made, with participant 2 and the start where there are any.
        moves: (column, played at), in the order of their plies.
        outcome: how it ended, without the line; None while it goes on.
        end_time: when it ended.

    Raises:
        games.rules.board.IllegalDrop: the stored moves are no legal game.
    """
    game = LiveGame(new)
    for column, played_at in moves:
        if game.position.is_over:
            raise GameOver("a move after the end")
        game.position = game.position.play(column)
        game.columns.append(column)
        game.played_at.append(played_at)
    if outcome is None and game.position.is_over:
        # The row was read before the winning or filling move was stored, the moves after it: the move says how it
        # ended.
        mover = game.mover_of(len(game.columns))
        game.finish(outcome_of(game.position, game.columns[-1], mover), game.played_at[-1])
    if outcome is not None and end_time is not None:
        line = (
            game.position.winning_line(game.columns[-1]) if outcome.reason is Reason.FOUR_IN_A_ROW and moves else None
        )
        game.finish(Outcome(outcome.winner, outcome.reason, line), end_time)
    return game


def hear(game: LiveGame, move: protocol.MovePlayed) -> bool:
    """Take in a move that another process stored and announced.

    Args:
        move: its event.

    Returns:
        Whether the move was the next one and is now part of the game; False where a stored state must be loaded.
    """
    fits = game.state is State.IN_PROGRESS and move.version == game.version + 1 and move.ply == len(game.columns) + 1
    if not fits or move.column not in game.position.legal_columns:
        return False
    position = game.position.play(move.column)
    Drop(game.id, move.ply, move.column, datetime.fromisoformat(move.played_at), position, move.outcome).apply(game)
    return True


def events_since(game: LiveGame, known: LiveGame) -> list[protocol.Event]:
    """The events that lead from an earlier state of a game to a later one.

    Args:
        game: as it is now.
        known: the same game, earlier.
    """
    events: list[protocol.Event] = []
    if known.start_time is None and game.start_time is not None:
        events.append(protocol.GameStarted(version=1, game=_as_started(game).as_json_object()))
    events += [game.move_played(ply) for ply in range(len(known.columns) + 1, len(game.columns) + 1)]
    if known.outcome is None and game.outcome is not None and game.outcome.reason not in BY_A_MOVE:
        events.append(protocol.GameFinished(version=game.version, outcome=game.outcome))
    if game.rematch_id is not None and known.rematch_id is None:
        events.append(protocol.RematchStarted(game=game.rematch_id))
    elif game.rematch_offered_by is not None and game.rematch_offered_by != known.rematch_offered_by:
        events.append(protocol.RematchOffered(participant=game.rematch_offered_by))
    elif known.rematch_offered_by is not None and game.rematch_offered_by is None:
        events.append(protocol.RematchDeclined(participant=known.rematch_offered_by))
    return events


def _as_started(game: LiveGame) -> LiveGame:
    """A game at version 1."""
    return LiveGame(
        NewGame(
            game.id, game.participant1, game.first_move, game.visibility, game.create_time, game.participant2,
            game.start_time,
        )
    )  # fmt: skip
