"""``{% board_picture game %}``: a small board as inline SVG, for lists; ``{{ game.reason|in_words }}`` and
``{{ game.time_control|pace }}``.

The board has the same elements as the drawing of `smallBoard` in ``static/js/game/board.js``, so that a page can
update it with `updateSmallBoard`. Colours come from the style sheet alone.
"""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from games.game.live import LiveGame
from games.game.people import Participant, RatingShown
from games.models import Game
from games.records.words import pace_in_words, reason_in_words
from games.rules.board import COLUMNS, ROWS, Cell, Position
from games.rules.outcomes import mover_of

register = template.Library()
register.filter("in_words", reason_in_words)


@register.filter
def rating(shown: RatingShown | None) -> str:
    """A rating as pages write it: with a question mark while it is a guess."""
    return "" if shown is None else f"{shown.rating}{'?' if shown.provisional else ''}"


@register.simple_tag
def rating_of(participant: Participant | None, shown: RatingShown | None) -> str:
    """What stands at a name: whether it is a bot's, and the rating."""
    points = rating(shown)
    return f"bot {points}".strip() if participant is not None and participant.bot else points


register.filter("pace", pace_in_words)

_CELL = 100
_FRAME = 14
_WIDTH = COLUMNS * _CELL + 2 * _FRAME
_HEIGHT = ROWS * _CELL + 2 * _FRAME
_CELLS = [(column, row) for row in range(ROWS) for column in range(COLUMNS)]
_CENTRE = {(column, row): (column * _CELL + 50, (ROWS - 1 - row) * _CELL + 50) for column, row in _CELLS}
_MARK_RADIUS = {0: 18, 1: 20, 2: 13}


@register.simple_tag
def board_picture(game: Game | LiveGame) -> SafeString:
    """A game's board as it stands.

    Args:
        game: a live game, or a row of the store whose log is prefetched (else each board costs a query).

    Returns:
        An ``<svg class="board-small">``, hidden from screen readers: the page says beside it what it shows.
    """
    return _drawing(game.columns, game.first_move)


def _drawing(columns: Sequence[int], first_move: int) -> SafeString:
    position = Position.from_columns(columns)
    line: Sequence[Cell] = (position.winning_line(columns[-1]) if columns else None) or ()
    last = (columns[-1], position.height(columns[-1]) - 1) if columns else None
    discs = {cell: (order := position.disc_at(*cell)) and mover_of(order, first_move) for cell in _CELLS}
    cells = [_circle(cell, 40, f"cell{_disc_class(discs[cell])}{_mark_class(cell, last, line)}") for cell in _CELLS]
    marks = [_circle(cell, _MARK_RADIUS[discs[cell]], f"cell-mark{_disc_class(discs[cell])}") for cell in _CELLS]
    return format_html(
        '<svg class="board-small" viewBox="{0} {0} {1} {2}" aria-hidden="true" focusable="false">'
        '<rect class="board-plate" x="{0}" y="{0}" width="{1}" height="{2}" rx="28"/>{3}</svg>',
        -_FRAME,
        _WIDTH,
        _HEIGHT,
        mark_safe("".join(cells + marks)),  # noqa: S308  made of numbers and of this module's own words
    )


def _circle(cell: Cell, radius: int, classes: str) -> str:
    x, y = _CENTRE[cell]
    return f'<circle class="{classes}" cx="{x}" cy="{y}" r="{radius}"/>'


def _disc_class(participant: int) -> str:
    return f" disc-{participant}" if participant else ""


def _mark_class(cell: Cell, last: Cell | None, line: Sequence[Cell]) -> str:
    return (" last" if cell == last else "") + (" won" if cell in line else "")
