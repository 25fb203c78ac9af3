"""What became of a commit whose answer was lost: each change is one row of a log, compared whole."""

from collections.abc import Sequence

from games.game.new_game import NewGame
from games.models import Game
from games.storage.log import Row, row_of
from games.storage.statements import Storable, Trial


def look_up(changes: Sequence[Storable]) -> list[bool]:
    """Whether each change of a batch is in the store.

    The games are locked first, so that a transaction of ours that is still being committed is waited for: against
    anybody who has a row that refers to them, which is all that a transaction of one statement locks.

    Args:
        changes: of one batch, none of them announced yet.
    """
    game_ids = [change.game_id for change in changes]
    rows = Game.objects.select_for_update().filter(pk__in=game_ids).order_by("pk")
    games = {game.pk: game for game in rows}
    return [change.game_id in games and _is_stored(games[change.game_id], change) for change in changes]


def _is_stored(game: Game, change: Storable) -> bool:
    if isinstance(change, NewGame):
        return (game.participant1_id, game.create_time) == (change.participant1.player_id, change.create_time)
    if isinstance(change, Trial):
        return False
    found = game.changes.filter(number=change.number).values_list(*Row._fields).first()
    return found is not None and Row._make(found) == row_of(change)
