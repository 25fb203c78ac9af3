"""Who may open one more connection: handshakes and places, counted by person, or by address for those nobody knows."""

import asyncio

from django.conf import settings

from games.access.identity import Claim
from games.access.leases import Leases, Place
from games.access.quotas import Quota, claims, handshakes, holder, quotas
from games.protocol import ErrorCode, GameError

REFUSED_AFTER = 0.25
"""Seconds that an address over its handshakes waits for the answer: it comes back the less often for it."""


async def wait_if_over(claim: Claim, address: str) -> None:
    """Let nobody in at once who will only hear that they are too many: they could send a whole flood meanwhile.

    Args:
        claim: who they say that they are.
        address: of the client.
    """
    is_stranger = claim == Claim()
    quota, key = (handshakes(None), holder(None, address)) if is_stranger else (claims(), address)
    if quotas.buckets.wait(quota, key):
        await asyncio.sleep(REFUSED_AFTER)


async def take_place(leases: Leases, held: list[str], player_id: int | None, address: str) -> None:
    """One of the connections that a person may have, or of those that nobody knows at an address.

    A person's count for that person alone: a school shares one address. Who lost a place with a process of ours
    has done nothing: coming back counts as no new handshake.

    Args:
        leases: the places.
        held: gets the place, to be given back; also where the handshake is refused after it was taken.
        player_id: whose connection it is; None for nobody's.
        address: of the client.

    Raises:
        GameError: ``rate_limited``, they are too many.
    """
    held_by = holder(player_id, address)
    most = settings.SOCKETS_PER_ADDRESS if player_id is None else settings.SOCKETS_PER_USER
    place = await leases.take(held_by, most)
    if not place:
        raise GameError(ErrorCode.RATE_LIMITED, "Too many connections at once. Close some of them first.")
    held.append(held_by)
    if place is not Place.RESUMED:
        count(handshakes(player_id), held_by)


def count(quota: Quota, key: str) -> None:
    """Count a handshake.

    Raises:
        GameError: ``rate_limited``, they were too many.
    """
    if quotas.buckets.take(quota, key):
        raise GameError(ErrorCode.RATE_LIMITED, "Too many connections in a short time.")
