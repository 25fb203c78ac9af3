"""Pages of rated games that are left while the game goes on; the page tells (`leave_page`)."""

from django.db.models import F

from games.game.live import LiveGame
from games.honesty.models import PageLeaving
from games.protocol import ErrorCode, GameError
from games.storage.writes import Writes


def note(writes: Writes, game: LiveGame, player_id: int | None) -> None:
    """Somebody has left the page of a game; it is written down if the game is rated and goes on.

    Args:
        writes: writes it down soon; where too much waits already it is lost.
        game: as it stands.
        player_id: whose page it is.

    Raises:
        GameError: ``not_a_participant``.
    """
    seat = game.seat_of(player_id)
    if seat is None:
        raise GameError(ErrorCode.NOT_A_PARTICIPANT)
    if game.rated and game.turn is not None:
        writes.offer(count, game.id, seat, game.turn == seat, len(game.discs) + 1)


def count(game_id: str, seat: int, is_own_turn: bool, ply: int) -> None:
    """Count a turn during which a page was left, once however often.

    Args:
        game_id: a rated game's.
        seat: whose page.
        is_own_turn: whether that side is to move.
        ply: the one that is to be played.
    """
    row, _ = PageLeaving.objects.get_or_create(game_id=game_id, seat=seat, defaults={"ply": 0})
    field = "own" if is_own_turn else "other"
    PageLeaving.objects.filter(pk=row.pk, ply__lt=ply).update(ply=ply, **{field: F(field) + 1})
