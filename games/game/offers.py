"""The rulings on the offer of a rematch."""

from datetime import datetime

from games.game.changes import RematchDecline, RematchOffer, RematchStart
from games.game.live import LiveGame, NewGame
from games.game.people import Participant, Side
from games.game.rulings import Ruling, for_participants
from games.protocol import DeclineRematch, ErrorCode, GameError, OfferRematch, RematchOffered, RematchStarted
from games.rules.ids import new_game_id


@for_participants(OfferRematch)
def offer_rematch(game: LiveGame, command: OfferRematch, by: Side, now: datetime) -> Ruling:
    """Offer another game, or accept the other side's offer of one."""
    if game.rematch_id is not None:
        return RematchStarted(game=game.rematch_id)
    if not game.is_finished or game.participant2 is None:
        raise GameError(ErrorCode.REMATCH_UNAVAILABLE)
    if game.rematch_offered_by == by.seat:
        return RematchOffered(participant=by.seat)
    if game.rematch_offered_by is None:
        return RematchOffer(game_id=game.id, number=game.number + 1, at=now, seat=by.seat)
    new = _rematch(game, game.participant2, now)
    return RematchStart(game_id=game.id, number=game.number + 1, at=now, seat=by.seat, game=new.game_id, new_game=new)


@for_participants(DeclineRematch)
def decline_rematch(game: LiveGame, command: DeclineRematch, by: Side, now: datetime) -> Ruling:
    """Take one's own offer back, or decline the other side's."""
    if game.rematch_offered_by is None or game.rematch_id is not None:
        raise GameError(ErrorCode.REMATCH_UNAVAILABLE)
    return RematchDecline(game_id=game.id, number=game.number + 1, at=now, seat=by.seat)


def _rematch(game: LiveGame, participant2: Participant, now: datetime) -> NewGame:
    """The next game: seats swapped, everything else the same."""
    return NewGame(
        game_id=new_game_id(), participant1=participant2, participant2=game.participant1, first_move=game.first_move,
        visibility=game.visibility, create_time=now, start_time=now, rematch_of=game.id,
    )  # fmt: skip
