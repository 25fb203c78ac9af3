"""What one event loop knows of the people whose lobbies are open there, and how processes tell each other of them."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from games.layers.messages import PeopleTold
from games.protocol import CommandId, Event
from games.runtime import Runtime
from games.storage.together import Together
from lobby.pairing import personal
from lobby.pairing.personal import PAIRED, News, Personal

PAIRED_FOR: Final = 120.0
"""Seconds for which it is known here that a game was made by pairing; longer than anybody is told of it."""

By = tuple[str, CommandId | None]
"""The connection that asked for what happened, by its token, and the ``id`` of its command."""
Told = tuple[int, list[Event], By | None]
"""Whom to tell what, and for whom of their connections it is the answer."""


class People:
    """The people who are connected to lobbies of one event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._token = secrets.token_hex(8)
        self._connections: Counter[int] = Counter()
        self._known: dict[int, Personal] = {}
        self._learning: set[int] = set()
        self._missed: set[int] = set()
        self._paired: dict[str, float] = {}
        self._reading: Together[tuple[int, datetime], Personal] = Together(Runtime.here().reader.ask, _read_all)
        self.seeking: set[int] = set()
        """Those who seek."""

    def __len__(self) -> int:
        return len(self._connections)

    @property
    def known(self) -> list[int]:
        """Those of whom we know how they stand."""
        return [*self._known]

    def changes(self, player_ids: Iterable[int]) -> dict[int, int]:
        """How often each of these has changed; only of those of whom we know how they stand."""
        return {pk: self._known[pk].changes for pk in player_ids if pk in self._known}

    def join(self, player_id: int) -> None:
        """Somebody has one more connection."""
        self._connections[player_id] += 1

    def leave(self, player_id: int) -> bool:
        """Somebody has one connection less; whether it was the last one of somebody who seeks."""
        self._connections[player_id] -= 1
        if self._connections[player_id]:
            return False
        del self._connections[player_id]
        self._known.pop(player_id, None)
        is_seeking = player_id in self.seeking
        self.seeking.discard(player_id)
        return is_seeking

    async def learn(self, player_id: int) -> None:
        """Know how somebody stands who has joined.

        Raises:
            GameError: ``try_again``, the store doesn't answer.
        """
        while player_id not in self._known and player_id in self._connections:
            self._learning.add(player_id)
            self._missed.discard(player_id)
            try:
                found = await self._reading.ask((player_id, Runtime.here().store_time.now()))
            finally:
                self._learning.discard(player_id)
            if player_id in self._connections and player_id not in self._missed:
                self._known.setdefault(player_id, found)
                self._note_seek(player_id)

    def of(self, player_id: int | None) -> Personal:
        """How somebody stands, as far as it is known."""
        return _NOTHING if player_id is None else self._known.get(player_id, _NOTHING)

    def was_paired(self, game_id: str) -> bool:
        """Whether a game was made by pairing a moment ago, as far as it was heard here."""
        return game_id in self._paired

    # --- news ---------------------------------------------------------------------------------------------------

    def message(self, news: Iterable[News], by: By | None = None) -> PeopleTold:
        """News for all processes.

        Args:
            news: what happened, which is stored.
            by: the connection that asked for it.
        """
        return {"type": "people.told", "sender": self._token, "news": [*news], "by": by}

    def hear(self, message: PeopleTold, is_own: bool = False) -> list[Told]:
        """Take in news; what the people who are connected here are to hear.

        Args:
            message: of `message`, from any process. Our own is taken in once, when we send it.
            is_own: whether it is that time.
        """
        if message["sender"] == self._token and not is_own:
            return []
        by = None if message["by"] is None else (message["by"][0], message["by"][1])
        told: list[Told] = []
        for player_id, kind, value in message["news"]:
            if kind == PAIRED:
                self._note_paired(value)
            if player_id in self._learning:
                self._missed.add(player_id)
            known = self._known.get(player_id)
            if known is not None:
                told.append((player_id, known.take_in(kind, value), by))
                self._note_seek(player_id)
        return told

    def differing(self, stored: Mapping[int, Personal], before: Mapping[int, int]) -> list[News]:
        """What has happened to people without our hearing of it.

        Args:
            stored: what the store says of them.
            before: their `changes` before it was asked; who has changed meanwhile is left out.
        """
        same = [pk for pk, changes in self.changes(sorted(before)).items() if changes == before[pk]]
        return [news for pk in same for news in self._known[pk].news_of(stored[pk], pk)]

    def _note_seek(self, player_id: int) -> None:
        (self.seeking.discard if self._known[player_id].seek is None else self.seeking.add)(player_id)

    def _note_paired(self, game_id: str) -> None:
        now = self._loop.time()
        while self._paired and next(iter(self._paired.values())) < now:
            del self._paired[next(iter(self._paired))]
        self._paired[game_id] = now + PAIRED_FOR


_NOTHING: Final = Personal()


def _read_all(questions: list[tuple[int, datetime]]) -> list[Personal | Exception]:
    found = personal.read({player_id for player_id, _ in questions}, max(now for _, now in questions))
    return [found[player_id] for player_id, _ in questions]
