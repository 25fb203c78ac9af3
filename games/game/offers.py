"""The rulings on offers: of a draw or a takeback while a game goes on, of a rematch after it."""

from datetime import datetime
from typing import Final, TypeVar

from games.game.changes import RematchDecline, RematchOffer, RematchStart
from games.game.endings import end
from games.game.live import LiveGame
from games.game.moves import played_since
from games.game.new_game import NewGame
from games.game.offered import DrawDecline, DrawOffer, Takeback, TakebackDecline, TakebackOffer
from games.game.people import Participant, Side, after
from games.game.rulings import Ruling, for_participants, refuse_unless_in_progress
from games.protocol import (
    DeclineRematch,
    ErrorCode,
    GameError,
    OfferRematch,
    Outcome,
    Reason,
    RematchOffered,
    RematchStarted,
)
from games.protocol.commands import DeclineDraw, DeclineTakeback, OfferDraw, OfferTakeback
from games.rules.ids import new_game_id

Offer = TypeVar("Offer", DrawOffer, TakebackOffer)

OFFER_INTERVAL: Final = 4
"""Plies after which a side that has offered a draw, or asked for a takeback, may do so again."""


@for_participants(OfferDraw)
def offer_draw(game: LiveGame, command: OfferDraw, by: Side, now: datetime) -> Ruling:
    """Offer a draw, or accept the other side's offer of one."""
    refuse_unless_in_progress(game)
    if game.draw_offered_by == 3 - by.seat:
        return end(game, Outcome(None, Reason.AGREEMENT), now, seat=by.seat)
    last = _last(game, DrawOffer, by)
    if last is not None and game.draw_offered_by == by.seat:
        return last.event(game)
    if last is not None and played_since(game, last.number) < OFFER_INTERVAL:
        raise GameError(ErrorCode.OFFER_UNAVAILABLE)
    return DrawOffer(game_id=game.id, number=game.number + 1, at=now, seat=by.seat)


@for_participants(DeclineDraw)
def decline_draw(game: LiveGame, command: DeclineDraw, by: Side, now: datetime) -> Ruling:
    """Take one's own offer back, or decline the other side's."""
    refuse_unless_in_progress(game)
    if game.draw_offered_by is None:
        raise GameError(ErrorCode.OFFER_UNAVAILABLE)
    return DrawDecline(game_id=game.id, number=game.number + 1, at=now, seat=by.seat)


@for_participants(OfferTakeback)
def offer_takeback(game: LiveGame, command: OfferTakeback, by: Side, now: datetime) -> Ruling:
    """Ask to take one's own last disc back, with what followed it; or agree to what the other side asks."""
    refuse_unless_in_progress(game)
    if game.takeback_offered_by == 3 - by.seat:
        plies = _plies_back(game, 3 - by.seat)
        return Takeback(game_id=game.id, number=game.number + 1, at=now, seat=by.seat, plies=plies)
    if not game.takebacks or _plies_back(game, by.seat) > game.own_plies:
        raise GameError(ErrorCode.TAKEBACK_UNAVAILABLE)
    last = _last(game, TakebackOffer, by)
    if last is not None and game.takeback_offered_by == by.seat:
        return last.event(game)
    if last is not None and played_since(game, last.number) < OFFER_INTERVAL:
        raise GameError(ErrorCode.OFFER_UNAVAILABLE)
    return TakebackOffer(game_id=game.id, number=game.number + 1, at=now, seat=by.seat)


@for_participants(DeclineTakeback)
def decline_takeback(game: LiveGame, command: DeclineTakeback, by: Side, now: datetime) -> Ruling:
    """Take one's own offer back, or decline the other side's."""
    refuse_unless_in_progress(game)
    if game.takeback_offered_by is None:
        raise GameError(ErrorCode.OFFER_UNAVAILABLE)
    return TakebackDecline(game_id=game.id, number=game.number + 1, at=now, seat=by.seat)


def _plies_back(game: LiveGame, seat: int) -> int:
    """How many plies it takes until a side's last disc is off the board; more than there are where it has none."""
    return 1 if game.mover_of(len(game.discs)) == seat else 2


def _last(game: LiveGame, kind: type[Offer], by: Side) -> Offer | None:
    """A side's last offer of a kind, standing or not."""
    return next(
        (change for change in reversed(game.changes) if isinstance(change, kind) and change.seat == by.seat), None
    )


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
    series = game.series.next(game.outcome)
    # Each opening is played from both sides.
    opening_moves = game.opening_moves if series.number % 2 == 0 else game.opening.draw()
    return NewGame(
        game_id=new_game_id(), participant1=participant2, participant2=game.participant1, first_move=game.first_move,
        visibility=game.visibility, create_time=now, start_time=now, rematch_of=game.id, takebacks=game.takebacks,
        time_control=game.time_control, series=series, opening=game.opening,
        opening_moves=opening_moves,
        rated=game.rated, ratings=after(game.ratings)[::-1],
    )  # fmt: skip
