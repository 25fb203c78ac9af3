"""One hub looks at the lists and tells those of the other processes what it found, so that they need not look.

There is no leader: each waits a little longer than `LOOK_INTERVAL` and a random while more, and whoever looks first is
heard by the others, who then wait again. Without a layer that processes share, or while it is away, each looks for
itself.
"""

import random
import zlib
from collections.abc import Iterable
from dataclasses import replace

from games.layers.messages import LobbyLooked
from lobby.live_list.listing import Known, standing
from lobby.live_list.survey import PLAYING, WAITING

LOOK_INTERVAL = 3.0
"""Seconds from one look at the lists to the next, at least."""
LOOK_SPREAD = 0.5
"""Seconds more, at random."""


def until_next_look() -> float:
    """Seconds to wait after a look, one's own or another's."""
    return LOOK_INTERVAL + random.uniform(0, LOOK_SPREAD)  # noqa: S311  nothing secret


def finding(known: Known) -> LobbyLooked:
    """What a look found, for the other processes.

    Args:
        known: after the look.
    """
    waiting, playing = WAITING.shown(known.waiting), PLAYING.shown(known.playing)
    counts = known.waiting.count, known.playing.count
    marks = _prints(known, waiting), _prints(known, playing)
    return {"type": "lobby.looked", "waiting": marks[0], "playing": marks[1], "counts": counts}


def in_doubt(known: Known, found: LobbyLooked) -> set[str]:
    """The games that another process sees otherwise than we do: to be read again.

    Args:
        known: what we know.
        found: what it found.
    """
    doubtful = set()
    lists = ((WAITING.shown(known.waiting), found["waiting"]), (PLAYING.shown(known.playing), found["playing"]))
    for ours, theirs in lists:
        doubtful |= set(ours) ^ theirs.keys()
        doubtful |= {pk for pk, mark in _prints(known, ours).items() if theirs.get(pk, mark) != mark}
    return doubtful


def with_counts(known: Known, found: LobbyLooked) -> Known:
    """What we know, with the lengths of the lists as another process counted them."""
    waiting, playing = found["counts"]
    return replace(known, waiting=replace(known.waiting, count=waiting), playing=replace(known.playing, count=playing))


def _prints(known: Known, shown: Iterable[str]) -> dict[str, int]:
    """A number for where each game stands, the same in every process."""
    games = known.games
    return {pk: zlib.crc32(repr(standing(games[pk])).encode()) for pk in shown if pk in games}
