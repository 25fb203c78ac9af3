"""A game, and its moves, as the contract writes them."""

from datetime import datetime, timedelta

from games.game.people import Participant, RatingShown
from games.game.standing import Disc, MoveTime, Standing
from games.protocol import GameObject, MovePlayed, Outcome, State, timestamp
from games.protocol.objects import ClockObject, Offers, PlayerObject, SeriesObject, TimeControlObject
from games.rules.board import Position
from games.rules.clock import FIRST_MOVE_MS
from games.rules.time_controls import Days, TimeControl, speed_of


def game_object(game: Standing) -> GameObject:
    """The game, as JSON.

    Args:
        game: as it stands.
    """
    return GameObject(
        id=game.id,
        state=game.state,
        version=game.version,
        participant1=game.participant1.name,
        participant2=game.participant2 and game.participant2.name,
        first_move=game.first_move,
        moves=game.columns,
        notation=game.notation,
        turn=game.turn,
        legal_columns=game.position.open_columns if game.state is State.IN_PROGRESS else [],
        outcome=game.outcome,
        visibility=game.visibility,
        create_time=timestamp(game.create_time),
        start_time=timestamp(game.start_time) if game.start_time is not None else None,
        end_time=timestamp(game.end_time) if game.end_time is not None else None,
        time_control=TimeControlObject.of(game.time_control),
        speed=speed_of(game.time_control),
        opening_plies=game.opening.plies,
        takebacks=game.takebacks,
        rated=game.rated,
        players=[
            player_object(game.participant1, game.ratings[0]),
            game.participant2 and player_object(game.participant2, game.ratings[1]),
        ],
        clock=clock_object(game),
        offers=Offers(draw=game.draw_offered_by, takeback=game.takeback_offered_by),
        series=_series_object(game),
        invited=game.invited and game.invited.name,
    )


def player_object(participant: Participant, shown: RatingShown | None) -> PlayerObject:
    """Who holds a seat, with their rating in the game."""
    rating, provisional, change = shown or (None, False, None)
    return PlayerObject(
        participant.name, participant.computer, participant.guest, participant.bot, rating, provisional, change
    )


def _series_object(game: Standing) -> SeriesObject:
    first, second = game.series.points(game.outcome)
    return SeriesObject(game.series.id, game.series.number, (first / 2, second / 2))


def move_played(game: Standing, ply: int, position: Position, outcome: Outcome | None) -> MovePlayed:
    """The event of a ply.

    Args:
        game: with the disc.
        ply: counted from 1.
        position: after it.
        outcome: where it ended the game.
    """
    disc = game.discs[ply - 1]
    column, played_at = disc.column, timestamp(disc.at)
    turn = None if outcome is not None else game.mover_of(ply + 1)
    return MovePlayed(
        version=disc.number,
        ply=ply,
        column=column,
        row=position.height(column) - 1,
        participant=game.mover_of(ply),
        turn=turn,
        legal_columns=[] if outcome is not None else position.open_columns,
        outcome=outcome,
        played_at=played_at,
        clock=None if disc.time is None else _clock_after(game, disc, disc.time, turn, played_at),
        move_ms=None if disc.time is None else disc.time.charged_ms,
    )


def clock_object(game: Standing) -> ClockObject | None:
    """Both clocks; None while a game waits, and in untimed games.

    Args:
        game: as it stands.
    """
    clock, turn = game.clock, game.turn
    if clock is None:
        return None
    is_running = turn is not None and clock.runs_for(turn)
    return _clock_object(
        clock.control, clock.remaining_ms, turn, is_running, game.turn_since, timestamp(game.turn_since)
    )


def _clock_after(game: Standing, disc: Disc, time: MoveTime, turn: int | None, played_at: str) -> ClockObject:
    """Both clocks as they were after a disc that is on the board, and whose turn came then."""
    if turn is None or game.first_moves.get(turn, disc.number) < disc.number:  # as of most
        return ClockObject(time.left_ms, turn, played_at)
    control = game.time_control
    assert control is not None, "a move of an untimed game has no time"
    return _clock_object(control, time.left_ms, turn, isinstance(control, Days), disc.at, played_at)


def _clock_object(
    control: TimeControl, left_ms: tuple[int, int], turn: int | None, is_running: bool, at: datetime, written: str
) -> ClockObject:
    first_move_by = None
    if turn is not None and not is_running:
        first_move_by = timestamp(at + timedelta(milliseconds=FIRST_MOVE_MS[speed_of(control)]))
    return ClockObject(left_ms, turn if is_running else None, written, first_move_by)
