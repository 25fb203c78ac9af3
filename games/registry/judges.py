"""Judging a command on a live game that may be behind what is stored."""

from collections.abc import Awaitable, Callable

import msgspec

from games.game.commands import Command
from games.game.judging import judge
from games.game.live import LiveGame
from games.game.moves import is_ahead
from games.game.people import Asker, House
from games.game.rulings import Ruling
from games.protocol import ErrorCode, GameError
from games.protocol.commands import Claim
from games.registry.live_entry import LiveEntry, Received
from games.registry.live_games import LiveGames
from games.registry.receipts import timing

# A live game that is behind may refuse these wrongly; a full or missing column stays what it is.
_MAY_BE_STALE = frozenset(ErrorCode) - {ErrorCode.COLUMN_FULL, ErrorCode.NO_SUCH_COLUMN}


class Judges:
    """Judge commands for one event loop.

    Args:
        live_games: compares games with the store, and loads them.
        alone_for: says of a game and a seat for how many seconds the other side has been away.
        find_alone: finds out the same for a game to which nobody is connected here.
    """

    def __init__(
        self,
        live_games: LiveGames,
        alone_for: Callable[[str, int], float | None],
        find_alone: Callable[[str, int], Awaitable[float | None]],
    ) -> None:
        self._live_games = live_games
        self._alone_for = alone_for
        self._find_alone = find_alone

    async def judge_fresh(
        self, entry: LiveEntry, asker: Asker, command: Command, received: Received
    ) -> tuple[LiveGame, Ruling]:
        """Judge; and judge again on a freshly loaded game before a refusal that a stale one may have caused.

        Args:
            entry: of the game.
            asker: who asks.
            command: what is asked.
            received: when it came.

        Raises:
            GameError: the command is refused, or ``try_again``: the store doesn't answer.
        """
        if entry.game is None or not entry.subscribers:
            await self._live_games.confirm(entry)
        if entry.game is not None and is_ahead(entry.game, command):
            await self._live_games.load(entry)
        if isinstance(command, Claim) and entry.game is not None and not entry.subscribers:
            seat = None if isinstance(asker, House) else entry.game.seat_of(asker)
            alone_s = None if seat is None else await self._find_alone(entry.game_id, seat)
            received = msgspec.structs.replace(received, alone_s=alone_s)
        try:
            return self.judge(entry, asker, command, received)
        except GameError as refusal:
            if refusal.code not in _MAY_BE_STALE or self._live_games.is_confirmed(entry):
                raise
        await self._live_games.load(entry)
        return self.judge(entry, asker, command, received)

    def judge(self, entry: LiveEntry, asker: Asker, command: Command, received: Received) -> tuple[LiveGame, Ruling]:
        """Judge on the game as it is known here.

        Args, raises: as `judge_fresh`.
        """
        game = entry.game
        if game is None:
            raise GameError(ErrorCode.GAME_NOT_FOUND)
        # Of two processes the one whose command came first may store it last: times in a log don't go back.
        now = max(received.at, game.changes[-1].at) if game.changes else received.at
        measured = timing(entry, game, received)
        if isinstance(command, Claim):
            seat = None if isinstance(asker, House) else game.seat_of(asker)
            alone_s = None if seat is None else self._alone_for(game.id, seat)
            measured = msgspec.structs.replace(measured, alone_s=received.alone_s if alone_s is None else alone_s)
        return game, judge(game, command, asker, now, measured)
