"""No help for whoever plays a timed game against a person: no scores, no reviews, no strong computer's moves."""

from collections.abc import Iterator, Sequence

from games.models import Game
from games.protocol import ErrorCode, GameError
from games.rules.board import COLUMNS, Position


def refuse_position(player_id: int | None, position: Position) -> None:
    """Refuse to tell somebody the scores of a position.

    In correspondence, where a game takes weeks, only positions that have been on that game's board are refused, those
    one move on, and the mirror images of both.

    Args:
        player_id: who asks; None for somebody who is not signed in, of whom nothing is known.
        position: of which.

    Raises:
        GameError: ``game_in_progress``, they hold a seat in a timed game against a person that goes on.
    """
    for columns in _games_of_days(player_id):
        for moves in _with_mirror_image(columns):
            if position in (*line(moves)[1:], *_next(moves)):
                raise GameError(ErrorCode.GAME_IN_PROGRESS)


def refuse_review(player_id: int | None, columns: Sequence[int]) -> None:
    """Refuse to tell somebody the scores of a game's positions; in correspondence, where that game's board is in it.

    What has been on the board before is refused in no review: nearly all games have their first moves in common.

    Args:
        player_id: as for `refuse_position`.
        columns: the moves of the game.

    Raises:
        GameError: as for `refuse_position`.
    """
    told = {*line(columns)[1:-1]}
    for live in _games_of_days(player_id):
        for moves in _with_mirror_image(live):
            if not told.isdisjoint((line(moves)[-1], *_next(moves))):
                raise GameError(ErrorCode.GAME_IN_PROGRESS)


def refuse_help(player_id: int | None) -> None:
    """Refuse whatever helps anybody who plays by the clock, and concerns no position: puzzles, strong computers.

    Raises:
        GameError: as for `refuse_position`; correspondence is no reason.
    """
    list(_games_of_days(player_id))


def line(columns: Sequence[int]) -> list[Position]:
    """The positions of a game, from the empty board to the last.

    Args:
        columns: its moves.
    """
    positions = [Position.start()]
    for column in columns:
        positions.append(positions[-1].play(column))
    return positions


def _games_of_days(player_id: int | None) -> list[list[int]]:
    """The moves of somebody's games of correspondence.

    Raises:
        GameError: ``game_in_progress``, they play a game with clocks.
    """
    if player_id is None:
        return []
    timed = Game.objects.unfinished().in_progress().of(player_id).exclude(initial=None, days_per_move=None)
    against_people = timed.filter(participant1__computer=None, participant2__computer=None)
    found = list(against_people.prefetch_related("changes"))
    if any(game.initial is not None for game in found):
        raise GameError(ErrorCode.GAME_IN_PROGRESS)
    return [game.columns for game in found]


def _with_mirror_image(columns: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
    return columns, [COLUMNS - 1 - column for column in columns]


def _next(columns: Sequence[int]) -> Iterator[Position]:
    """The positions one move on; none from the empty board, about which there is no secret."""
    position = Position.from_columns(columns)
    yield from (position.play(column) for column in position.legal_columns if columns)
