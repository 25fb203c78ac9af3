"""A game, and its moves, as the contract writes them."""

from games.game.standing import Standing
from games.protocol import GameObject, MovePlayed, Outcome, State, timestamp
from games.protocol.events import Offers, PlayerObject, TimeControlObject
from games.rules.board import Position
from games.rules.clock import speed_of


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
        takebacks=game.takebacks,
        players=[PlayerObject(game.participant1.name), game.participant2 and PlayerObject(game.participant2.name)],
        offers=Offers(draw=game.draw_offered_by, takeback=game.takeback_offered_by),
    )


def move_played(game: Standing, ply: int, position: Position, outcome: Outcome | None) -> MovePlayed:
    """The event of a ply.

    Args:
        game: with the disc.
        ply: counted from 1.
        position: after it.
        outcome: where it ended the game.
    """
    disc = game.discs[ply - 1]
    column = disc.column
    return MovePlayed(
        version=disc.number,
        ply=ply,
        column=column,
        row=position.height(column) - 1,
        participant=game.mover_of(ply),
        turn=None if outcome is not None else game.mover_of(ply + 1),
        legal_columns=[] if outcome is not None else position.open_columns,
        outcome=outcome,
        played_at=timestamp(disc.at),
    )
