"""Looking a few plies ahead, in Python: enough for levels that are not perfect, and there on every machine.

Alpha-beta over bitboards (`games.rules.board` has the layout). Where the look-ahead ends, open threats are weighed by
their rows: with both sides waiting, the first gets the odd rows and the second the even ones (Victor Allis, "A
knowledge-based approach of Connect-Four", 1988).
"""

from typing import Final

from games.rules.board import COLUMNS, ROWS, Position

_BOTTOM: Final = sum(1 << 7 * column for column in range(COLUMNS))
_FULL: Final = _BOTTOM * ((1 << ROWS) - 1)
_ODD: Final = _BOTTOM * 0b010101
"""The first, third and fifth row."""
_COLUMN: Final = tuple(((1 << ROWS) - 1) << 7 * column for column in range(COLUMNS))
_FROM_THE_CENTRE: Final = tuple(_COLUMN[column] for column in (3, 2, 4, 1, 5, 0, 6))

_WIN: Final = 1000
"""More than any weight of threats; a win is worth this less the plies until then."""
_GOOD_THREAT, _THREAT = 12, 5
_CENTRE: Final = 1


def threats(discs: int) -> int:
    """The cells, occupied or not, in which one more disc completes four in a row."""
    cells = discs << 1 & discs << 2 & discs << 3
    for step in (6, 7, 8):
        pair = discs << step & discs << 2 * step
        cells |= pair & (discs << 3 * step | discs >> step)
        pair = discs >> step & discs >> 2 * step
        cells |= pair & (discs << step | discs >> 3 * step)
    return cells & _FULL


def winning_columns(mover: int, waiter: int) -> list[int]:
    """The columns in which a side wins with its next disc.

    Args:
        mover: the discs of that side.
        waiter: the other's.
    """
    cells = threats(mover) & _reach(mover | waiter)
    return [column for column in range(COLUMNS) if cells & _COLUMN[column]] if cells else []


def best_ahead(position: Position, depth: int, evaluates: bool) -> list[int]:
    """The columns that look best to the side to move.

    Args:
        position: not over.
        depth: how many plies to look ahead, the first one included; at least 1.
        evaluates: whether to weigh threats at the end; else all that doesn't decide the game counts the same.

    Returns:
        All that look equally good.
    """
    found, best = list[int](), -2 * _WIN
    for column in sorted(position.legal_columns, key=_distance_from_the_centre):
        # A window that begins below the best: equals are told apart from what is worse, which needs no score.
        worth = _worth(position.play(column), depth, best - 1, evaluates)
        if worth > best:
            found, best = [], worth
        if worth == best:
            found.append(column)
    return found


def _distance_from_the_centre(column: int) -> int:
    return abs(column - COLUMNS // 2)


def _worth(after: Position, depth: int, alpha: int, evaluates: bool) -> int:
    """Of a position to the side that has just moved; what is at most alpha is only a bound."""
    if after.is_over:
        return _WIN + depth if after.is_won else 0
    return -_search(after.mover, after.waiter, depth - 1, -2 * _WIN, -alpha, evaluates)


def _reach(occupied: int) -> int:
    return (occupied + _BOTTOM) & _FULL


def _search(mover: int, waiter: int, depth: int, alpha: int, beta: int, evaluates: bool) -> int:
    occupied = mover | waiter
    cells = _reach(occupied)
    if not cells:
        return 0
    if threats(mover) & cells:
        return _WIN - 1 + depth
    if depth == 0:
        return _weigh(mover, waiter) if evaluates else 0
    blocks = threats(waiter) & cells
    cells = blocks or cells
    best = -2 * _WIN
    for column in _FROM_THE_CENTRE:
        cell = cells & column
        if not cell:
            continue
        best = max(best, -_search(waiter, mover | cell, depth - 1, -beta, -max(alpha, best), evaluates))
        if best >= beta:
            break
    return best


def _weigh(mover: int, waiter: int) -> int:
    occupied = mover | waiter
    is_firsts_turn = occupied.bit_count() % 2 == 0
    return _side(mover, occupied, is_firsts_turn) - _side(waiter, occupied, not is_firsts_turn)


def _side(discs: int, occupied: int, is_first: bool) -> int:
    open_threats = threats(discs) & ~occupied
    good = (open_threats & (_ODD if is_first else ~_ODD)).bit_count()
    centre = (discs & _COLUMN[COLUMNS // 2]).bit_count()
    return good * _GOOD_THREAT + (open_threats.bit_count() - good) * _THREAT + centre * _CENTRE
