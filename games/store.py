"""Reading what is stored: live games from their rows, two queries however many.

Everything here is plain synchronous code for whichever thread owns a database connection.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from games.live import LiveGame, NewGame, Participant, restore
from games.models import Game, Move, Player
from games.protocol import Outcome, Reason, State, Visibility


def load(game_id: str) -> LiveGame | None:
    """One game as it is stored now.

    Args:
        game_id: canonical.

    Returns:
        None when there is no such game.
    """
    return next(iter(load_all(Game.objects.filter(pk=game_id))), None)


def load_all(games: Iterable[Game]) -> list[LiveGame]:
    """Games of a queryset, in its order.

    Args:
        games: a queryset of games; names and moves are fetched with it.
    """
    rows = games.with_names_and_moves() if hasattr(games, "with_names_and_moves") else games
    return [as_live(row) for row in rows]


def as_live(row: Game) -> LiveGame:
    """A stored game as a live one.

    Args:
        row: fetched `with_names_and_moves`.

    Raises:
        rules.IllegalDrop: its moves are no legal game.
    """
    new = NewGame(
        game_id=row.pk,
        participant1=_participant(row.participant1),
        participant2=row.participant2 and _participant(row.participant2),
        first_move=row.first_move,
        visibility=Visibility(row.visibility),
        create_time=row.create_time,
        start_time=row.start_time,
    )
    outcome = Outcome(row.winner, Reason(row.reason)) if row.state == State.FINISHED else None
    game = restore(new, [(move.column, move.played_at) for move in row.moves.all()], outcome, row.end_time)
    game.note = row.note
    game.rematch_offered_by = row.rematch_offered_by
    following = getattr(row, "rematch", None)  # the reverse of a one-to-one raises where there is none
    game.rematch_id = following and following.pk
    return game


def _participant(player: Player) -> Participant:
    return Participant(player.pk, player.name)


class Mark(NamedTuple):
    """Where a stored game stands: enough to see whether a live one is behind."""

    state: State
    plies: int
    rematch_offered_by: int | None
    rematch_id: str | None


def mark_of(game: LiveGame) -> Mark:
    """The mark of a live game, to be compared with the stored one."""
    return Mark(game.state, len(game.columns), game.rematch_offered_by, game.rematch_id)


def marks(game_ids: Iterable[str]) -> dict[str, Mark]:
    """Where these games stand, in one query.

    Args:
        game_ids: canonical; unknown ones are left out of the result.
    """
    # The last ply, found at the end of its index, and not a count of moves, which would read them all.
    last_ply = Move.objects.filter(game=OuterRef("pk")).order_by("-ply").values("ply")[:1]
    rows = (
        Game.objects.filter(pk__in=list(game_ids))
        .order_by()
        .values_list("pk", "state", Coalesce(Subquery(last_ply), 0), "rematch_offered_by", "rematch__pk")
    )
    return {pk: Mark(State(state), plies, offered_by, rematch) for pk, state, plies, offered_by, rematch in rows}
