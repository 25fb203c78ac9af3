"""Making games: within what one person may make, so many an hour and so many that wait at once; and of pairs."""

import asyncio
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from games.access.quotas import OverLimit, Quota, quotas
from games.game.commands import Join
from games.game.live import LiveGame
from games.game.new_game import AS_USUAL, NewGame, Terms
from games.game.people import Participant, RatingShown
from games.metrics import figures
from games.models import Game
from games.presence import last_seen
from games.protocol import ErrorCode, GameError, OfferRematch
from games.ratings.eligibility import entering, refuse_alike, refuse_together
from games.registry.pending import Reply
from games.registry.registry import Registry
from games.rules.time_controls import TimeControl, speed_of
from games.storage.reader import Reader
from games.storage.statements import store
from games.storage.writes import Writes

OPEN_GAMES_RETRY_AFTER = 60
"""Seconds suggested to somebody who has too many games waiting; it is up to them."""


class Creation:
    """Makes games for people, on one event loop.

    Args:
        registry: stores them.
        reader: counts those that wait.
        writes: notes that who makes a game is about; makes those of pairs.
    """

    def __init__(self, registry: Registry, reader: Reader, writes: Writes) -> None:
        self._registry = registry
        self._reader = reader
        self._writes = writes

    async def create(
        self, participant: Participant, terms: Terms = AS_USUAL, computer: Participant | None = None
    ) -> LiveGame:
        """`Registry.create` for a person.

        Args:
            participant: who makes the game.
            terms: how it is to be.
            computer: whom it is against; the game is in progress at once. None: it waits for somebody.

        Raises:
            GameError: ``rate_limited`` (`OverLimit`), or what the registry raises.
        """
        rating = await self._entering(participant, terms.time_control, terms.rated)
        if terms.invited is not None:
            if terms.rated:
                await self._reader.ask(refuse_alike, participant, terms.invited)
            await self._refuse_many_challenges(participant, terms.invited)
            await self._writes.do(last_seen.note_seen, [participant.player_id], timezone.now())
            return await self._registry.create(participant, terms, rating=rating)
        if computer is not None:
            await _count(participant)
            return await self._registry.create(participant, terms, rating=rating, participant2=computer)
        await self._refuse_many_waiting(participant)
        await _count(participant)
        # Whoever makes a game is about: it is listed at once, before a connection of theirs has been noted.
        await self._writes.do(last_seen.note_seen, [participant.player_id], timezone.now())
        most = settings.WAITING_GAMES_PER_USER
        try:
            return await self._registry.create(participant, terms, most, rating)
        except GameError as error:
            if error.code is ErrorCode.TRY_AGAIN:  # others of theirs may have been stored since we counted
                await self._refuse_many_waiting(participant)
            raise

    async def create_within(self, decide: Callable[[], Sequence[NewGame]]) -> list[LiveGame]:
        """Make games in one transaction with what they are made for; nobody's limits count.

        Args:
            decide: called within the transaction, on a writer's thread; gives the games, and may write besides.

        Returns:
            The games, stored.

        Raises:
            GameError: ``try_again``, they are not known to be stored.
        """
        games = await self._writes.do(_store_decided, decide)
        figures.stored["create"] += len(games)
        return [self._registry.submissions.adopt(new) for new in games]

    async def join(self, game_id: str, participant: Participant) -> LiveGame:
        """Take seat 2 of a waiting game; whoever has that seat already gets the game.

        Args:
            game_id: canonical.
            participant: who joins.

        Raises:
            GameError: as the ruling on `Join`; ``not_rated`` where the game is, and they may not play such games.
        """
        game, rating = await self._registry.view(game_id), None
        if game.is_waiting and game.seat_of(participant.player_id) is None:
            if game.rated:
                await self._reader.ask(refuse_alike, participant, game.participant1)
            rating = await self._entering(participant, game.time_control, game.rated)
        game, _ = await self._registry.run(game_id, participant.player_id, Join(participant, rating))
        return game

    async def rematch(self, game_id: str, player_id: int | None, command: OfferRematch) -> Reply:
        """Offer a rematch, or accept one; a rated game's is rated, and for those who may play such games now.

        Args:
            game_id: canonical.
            player_id: who asks; None for somebody who is not signed in.
            command: the offer.

        Returns:
            As `Registry.run`.

        Raises:
            GameError: as the ruling on `OfferRematch`; ``not_rated``.
        """
        game = await self._registry.view(game_id)
        seat = game.seat_of(player_id)
        if game.rated and game.is_finished and game.rematch_id is None and seat and game.participant2 is not None:
            mine, other = (game.participant1, game.participant2)[:: 1 if seat == 1 else -1]
            await self._reader.ask(refuse_together, mine, other, timezone.now())
        return await self._registry.run(game_id, player_id, command)

    async def _entering(self, participant: Participant, control: TimeControl | None, rated: bool) -> RatingShown | None:
        """The rating with which somebody comes into a game; there is none in an untimed one."""
        if control is None:
            return None
        return await self._reader.ask(entering, participant, speed_of(control).value, rated, timezone.now())

    async def _refuse_many_waiting(self, participant: Participant) -> None:
        waiting = await self._reader.ask(_waiting_games, participant.player_id)
        if waiting >= settings.WAITING_GAMES_PER_USER:
            message = f"You have {waiting} games waiting for somebody. Cancel one of them first."
            raise OverLimit(message, OPEN_GAMES_RETRY_AFTER)

    async def _refuse_many_challenges(self, participant: Participant, invited: Participant) -> None:
        ids = await self._reader.ask(_challenges, participant.player_id)
        if len(ids) >= settings.CHALLENGES_OPEN_PER_USER:
            message = f"{len(ids)} challenges of yours wait for an answer. Take one of them back first."
            raise OverLimit(message, OPEN_GAMES_RETRY_AFTER)
        if ids.count(invited.player_id) >= settings.CHALLENGES_OPEN_TO_ONE:
            message = f"{invited.name} has not answered your challenges yet."
            raise OverLimit(message, OPEN_GAMES_RETRY_AFTER)
        quota = Quota("challenges", settings.CHALLENGES_PER_USER_PER_HOUR, 3600.0)
        await _take(quota, participant, "You have challenged many people within the hour. Please take a break.")


def _challenges(player_id: int) -> list[int]:
    """Whom somebody has challenged who has not answered."""
    games = Game.objects.waiting().filter(participant1=player_id, invited__isnull=False)
    return [invited for invited in games.values_list("invited", flat=True) if invited is not None]


def _store_decided(decide: Callable[[], Sequence[NewGame]]) -> Sequence[NewGame]:
    games = decide()
    if not all(store(connection, games)):
        raise DatabaseError("the ID of a new game is taken")
    return games


def _waiting_games(player_id: int) -> int:
    return Game.objects.waiting().filter(participant1=player_id, invited=None).count()


async def _count(participant: Participant) -> None:
    quota = Quota("games", settings.GAMES_PER_USER_PER_HOUR, 3600.0)
    await _take(quota, participant, "You have made many games within the hour. Please take a break from making more.")


async def _take(quota: Quota, participant: Participant, explanation: str) -> None:
    counting = quota, f"user {participant.player_id}", explanation
    if quotas.is_shared:
        await asyncio.to_thread(quotas.count, *counting)
    else:
        quotas.count(*counting)
