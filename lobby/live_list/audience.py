"""Who listens to one hub."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator

from games.protocol import Answer, encode, with_id
from lobby.live_list.listener import Listener
from lobby.pairing.people import Told

FRAMES_IN_A_ROW = 200
"""Frames handed out before others on the loop get their turn: some 4 ms."""


class Audience:
    """The listeners of a hub, and whose they are."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._of: dict[int, set[Listener]] = {}
        self._people: Counter[int] = Counter()
        self._lists = 0

    def __iter__(self) -> Iterator[Listener]:
        return iter(self._listeners)

    def __len__(self) -> int:
        return len(self._listeners)

    def __contains__(self, listener: Listener) -> bool:
        return listener in self._listeners

    @property
    def people(self) -> Iterable[int]:
        """Whoever has a lobby with lists open, and is signed in."""
        return self._people.keys()

    @property
    def has_lists(self) -> bool:
        """Whether anybody has a lobby with lists open."""
        return self._lists > 0

    def of(self, player_id: int) -> Iterable[Listener]:
        """All listeners of one person."""
        return self._of.get(player_id, ())

    def add(self, listener: Listener) -> None:
        """Somebody listens."""
        self._listeners.add(listener)
        self._lists += listener.has_lists
        if listener.player_id is not None:
            self._of.setdefault(listener.player_id, set()).add(listener)
            if listener.has_lists:
                self._people[listener.player_id] += 1

    def remove(self, listener: Listener) -> None:
        """The opposite of `add`."""
        self._listeners.remove(listener)
        self._lists -= listener.has_lists
        player_id = listener.player_id
        if player_id is None:
            return
        self._of[player_id].remove(listener)
        if not self._of[player_id]:
            del self._of[player_id]
        if listener.has_lists:
            self._people[player_id] -= 1
            if not self._people[player_id]:
                del self._people[player_id]

    def tell(self, told: Told) -> None:
        """Tell somebody what concerns them; the connection that asked for it hears it as the answer."""
        player_id, events, by = told
        texts = [encode(event) for event in events]
        for listener in self.of(player_id):
            first = events[0] if by is not None and by[0] == listener.token and events else None
            listener.tell([with_id(first, by[1]), *texts[1:]] if by and isinstance(first, Answer) else texts)

    def count(self, frame: str) -> None:
        """Tell every lobby with lists how many are connected and seek."""
        for listener in self._listeners:
            listener.count(frame)


async def hand_out(news: Iterable[tuple[Listener, list[str]]], flush: int) -> int:
    """Give listeners their frames, a few at a time.

    Args:
        news: what each is to hear.
        flush: the number of the flush that found it.

    Returns:
        How many frames in all.
    """
    handed_out = paused_at = 0
    for listener, frames in news:
        listener.put(frames, flush)
        handed_out += len(frames)
        if handed_out - paused_at >= FRAMES_IN_A_ROW:
            paused_at = handed_out
            await asyncio.sleep(0)
    return handed_out
