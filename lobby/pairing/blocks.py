"""Who is never paired with whom: asked here by everything that brings two people together.

Whoever keeps blocks provides them in an app's ``ready``; this package knows none of its own.
"""

from collections.abc import Callable, Collection

Source = Callable[[Collection[int]], Collection[frozenset[int]]]
"""Gives those pairs among some players of whom one has blocked the other. Reads the store, on any thread."""

_sources: list[Source] = []


def provide(source: Source) -> None:
    """Have blocks of a kind observed from now on; for ``AppConfig.ready``."""
    if source not in _sources:
        _sources.append(source)


def among(player_ids: Collection[int]) -> set[frozenset[int]]:
    """Pairs of players who are kept apart, each a set of two.

    Args:
        player_ids: the players among whom they are looked for.
    """
    return {pair for source in _sources for pair in source(player_ids)} if len(player_ids) > 1 else set()
