"""What others know that chat has to: whose lines somebody doesn't want to see, and which series were reported.

Whoever keeps blocks or reports provides them in an app's ``ready``; this package knows none of its own.
"""

from collections.abc import Callable, Collection, Iterator

Blocks = Callable[[Collection[int]], Collection[tuple[int, int]]]
"""Gives pairs (who, whose lines not) of some players who look. Reads the store, on any thread."""
Reports = Callable[[Collection[str]], Collection[str]]
"""Gives those of some series, by their first games' IDs, about which there is a report. Reads the store."""

_blocks: list[Blocks] = []
_reports: list[Reports] = []


def provide_blocks(source: Blocks) -> None:
    """Have blocks of a kind hide lines from now on; for ``AppConfig.ready``."""
    if source not in _blocks:
        _blocks.append(source)


def provide_reports(source: Reports) -> None:
    """Have reports of a kind keep lines from now on; for ``AppConfig.ready``."""
    if source not in _reports:
        _reports.append(source)


def blocked(player_ids: Collection[int]) -> Iterator[tuple[int, int]]:
    """Whose lines some players don't see because of a block: pairs of who and whose.

    Args:
        player_ids: of who looks.
    """
    for source in _blocks:
        yield from source(player_ids)


def reported(series_ids: Collection[str]) -> set[str]:
    """Those of some series about which there is a report.

    Args:
        series_ids: their first games' IDs.
    """
    return {series_id for source in _reports for series_id in source(series_ids)}
