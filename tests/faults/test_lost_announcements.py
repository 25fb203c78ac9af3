"""A fifth of all announcements is lost, another fifth comes late: every client ends with the right board."""

import asyncio
from pathlib import Path

from tests.support.arenas import arena, count

GAMES = count(100)
SPECTATORS = 2


def test_every_client_ends_with_the_right_board(tmp_path: Path, sqlite_url: str) -> None:
    with arena(tmp_path, sqlite_url, GAMES, CHANNEL_LAYER="tests.faults.layers.LossyLayer") as place:
        asyncio.run(place.play(spectators=SPECTATORS, patience=0.3))
        place.check()
    # The fault happened: events came too early, and clients learnt only by asking.
    assert place.tally.gaps + place.tally.catch_ups > GAMES
    assert place.tally.answered_from_store + place.tally.resent > GAMES
    assert not place.tally.errors
    assert not place.complaints
