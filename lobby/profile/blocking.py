"""Blocks: who wants to have nothing to do with whom. Seeks and challenges of the two never meet."""

from collections.abc import Collection, Sequence

from django.conf import settings
from django.utils import timezone

from games.access.quotas import OverLimit, Quota, quotas
from games.models import Player
from lobby.models import Block

AT_ONCE = 500
"""People whose blocks are asked for in one query."""
TOO_MANY_RETRY_AFTER = 60
"""Seconds suggested to somebody who has blocked as many as may be; it is up to them."""


def block(player_id: int, other: Player) -> None:
    """Block somebody; nothing happens the second time.

    Args:
        player_id: who blocks.
        other: whom, another.

    Raises:
        OverLimit: too many within the hour, or altogether.
    """
    quota = Quota("blocks", settings.BLOCKS_PER_USER_PER_HOUR, 3600.0)
    quotas.count(quota, f"user {player_id}", "You have blocked many people within the hour.")
    if Block.objects.filter(blocker=player_id).count() >= settings.BLOCKS_PER_USER:
        message = f"You have blocked {settings.BLOCKS_PER_USER} people. Unblock somebody first."
        raise OverLimit(message, TOO_MANY_RETRY_AFTER)
    Block.objects.get_or_create(blocker_id=player_id, blocked=other, defaults={"at": timezone.now()})


def unblock(player_id: int, other: Player) -> None:
    """Take a block back; nothing happens where there is none."""
    Block.objects.filter(blocker=player_id, blocked=other).delete()


def blocked_by(player_id: int) -> list[Block]:
    """Somebody's blocks, with the people, by name."""
    return list(Block.objects.filter(blocker=player_id).select_related("blocked").order_by("blocked__name"))


def blocked_of(player_ids: Collection[int]) -> list[tuple[int, int]]:
    """Pairs of who has blocked whom; what `games.chat.sources` asks: who is blocked is not to be read either.

    Args:
        player_ids: who may have blocked somebody.
    """
    return list(Block.objects.filter(blocker__in=player_ids).values_list("blocker_id", "blocked_id"))


def pairs_among(player_ids: Collection[int]) -> set[frozenset[int]]:
    """Pairs of whom one has blocked the other; what `lobby.pairing.blocks` asks.

    Args:
        player_ids: the players among whom they are looked for.
    """
    wanted, ordered = {*player_ids}, sorted({*player_ids})
    slices: list[Sequence[int]] = [ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE)]
    rows = (row for some in slices for row in Block.objects.filter(blocker__in=some).values_list("blocker", "blocked"))
    return {frozenset(pair) for pair in rows if pair[1] in wanted}
