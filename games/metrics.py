"""What a process has done, as plain integers, and how Prometheus reads them.

Counting costs a fraction of a microsecond: nothing is computed, locked or formatted until somebody asks.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from games.game.changes import CHANGES

SAMPLED = 8
"""Of a game's events every so many-th is timed on receipt: at thousands of spectators even a clock has its price."""


class Histogram:
    """Counts of values in ranges.

    Args:
        bounds: upper bounds of the ranges, ascending; one more range takes what is above the last.
    """

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, *bounds: float) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def cumulative(self) -> list[tuple[str, float]]:
        """Bounds and how many values are at or below each, as Prometheus wants them."""
        sums, rows = 0, []
        for bound, count in zip([*map(str, self.bounds), "+Inf"], self.counts, strict=True):
            sums += count
            rows.append((bound, float(sums)))
        return rows


class Figures:
    """The counts of one process."""

    def __init__(self) -> None:
        self.stored: Counter[str] = Counter()
        """Changes that were stored, by their kind in the log; new games as ``create``."""
        self.refused: Counter[tuple[str, str]] = Counter()
        """Refusals, by way (``socket`` or ``api``) and error code."""
        self.closed: Counter[int] = Counter()
        """Connections that we closed, by close code."""
        self.strangers: Counter[str] = Counter()
        """What anybody can send in vain and nobody wants a line of the log for, by kind (`games.logs`)."""
        self.answers: Counter[tuple[str, str]] = Counter()
        """Answers to HTTP requests, by way (``page`` or ``api``) and class of status, such as ``5xx``."""
        self.handshakes = 0
        self.resyncs: Counter[str] = Counter()
        """Snapshots beyond a connection's first, by reason: ``asked``, ``behind`` (a ping), ``missed`` (too slow)."""
        self.batch_size = Histogram(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
        self.commit_seconds = Histogram(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2)
        self.answer_seconds = Histogram(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
        self.receipt_seconds = Histogram(0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 3)

    def note_batch(self, size: int, seconds: float) -> None:
        """A batch was stored; called by the journal's one thread."""
        self.batch_size.observe(size)
        self.commit_seconds.observe(seconds)


figures = Figures()
"""This process's."""

_KINDS = ("create", *CHANGES)


_ANSWERS = [(way, f"{hundred}xx") for way in ("page", "api") for hundred in (2, 3, 4, 5)]
"""Named from the start: an alert on a rate misses the first error of a series that begins with it."""


class _Reading(Collector):
    """Reads the figures, and what the registry holds now, when Prometheus asks."""

    def __init__(self, runtime: Any, has_store: bool) -> None:
        self._runtime = runtime
        self._has_store = has_store

    def collect(self) -> Iterable[Metric]:
        yield GaugeMetricFamily("fourline_store_up", "1 while the store takes moves, asked now.", int(self._has_store))
        yield from _gauges(self._runtime)
        yield from _counters(self._runtime)
        yield from _histograms()


def _gauges(runtime: Any) -> Iterator[Metric]:
    connections = runtime.connections
    yield GaugeMetricFamily("fourline_connections", "Open WebSocket connections.", len(connections))
    yield GaugeMetricFamily("fourline_live_games", "Games held in memory.", len(runtime.live_games))
    yield GaugeMetricFamily("fourline_journal_waiting", "Changes waiting to be stored.", runtime.journal.waiting)
    offset = runtime.store_time.offset
    yield GaugeMetricFamily("fourline_store_clock_offset_seconds", "The store's clock ahead of this machine's.", offset)
    layer = runtime.broadcast.layer
    is_up = int(layer.is_up)
    yield GaugeMetricFamily("fourline_layer_up", "1 unless the shared layer is away.", is_up)
    yield GaugeMetricFamily("fourline_neighbours", "Other processes heard of.", len(runtime.neighbours))
    yield GaugeMetricFamily("fourline_draining", "1 while the server drains.", int(connections.is_draining))
    aside = int(connections.stands_aside)
    yield GaugeMetricFamily("fourline_stands_aside", "1 while only its neighbours have the store.", aside)


def _counters(runtime: Any) -> Iterator[Metric]:
    stored = figures.stored
    yield CounterMetricFamily("fourline_moves", "Moves stored.", float(stored["move"]))
    yield _labelled("fourline_changes", "Changes of games stored, by kind.", ["kind"],
                    {(kind,): float(stored[kind]) for kind in _KINDS})  # fmt: skip
    yield _labelled("fourline_refusals", "Refusals, by way and error code.", ["way", "code"], figures.refused)
    yield _labelled("fourline_answers", "Answers to HTTP requests, by way and class of status.", ["way", "status"],
                    dict.fromkeys(_ANSWERS, 0) | figures.answers)  # fmt: skip
    yield _labelled("fourline_closes", "Connections closed by us, by close code.", ["code"],
                    {(str(code),): count for code, count in figures.closed.items()})  # fmt: skip
    yield CounterMetricFamily(
        "fourline_journal_failures", "Errors that the journal's writer outlived.", runtime.journal.failures
    )
    yield _labelled("fourline_strange_requests", "Requests that break a protocol or a rule of the site, by kind.",
                    ["kind"], {(kind,): count for kind, count in figures.strangers.items()})  # fmt: skip
    yield CounterMetricFamily("fourline_handshakes", "WebSocket handshakes begun.", figures.handshakes)
    yield _labelled("fourline_resyncs", "Snapshots beyond the first, by reason.", ["reason"],
                    {(reason,): figures.resyncs[reason] for reason in ("asked", "behind", "missed")})  # fmt: skip
    layer = runtime.broadcast.layer
    dropped = {
        ("layer",): layer.dropped,
        ("unsent",): layer.unsent,
    }
    yield _labelled("fourline_dropped_messages", "Announcements dropped, by where.", ["where"], dropped)


def _histograms() -> Iterator[Metric]:
    for name, text, histogram in (
        ("fourline_batch_size", "Changes in one transaction.", figures.batch_size),
        ("fourline_commit_seconds", "From the start of a batch's transaction to its end.", figures.commit_seconds),
        (
            "fourline_answer_seconds",
            "From a request for a page or of the API to its answer.",
            figures.answer_seconds,
        ),
        ("fourline_receipt_seconds", "From an event's announcement to its receiver; sampled.", figures.receipt_seconds),
    ):
        yield HistogramMetricFamily(name, text, buckets=histogram.cumulative(), sum_value=histogram.total)


def _labelled(name: str, text: str, labels: list[str], rows: Any) -> Metric:
    family = CounterMetricFamily(name, text, labels=labels)
    for values, count in sorted(rows.items()):
        family.add_metric([str(value) for value in values], count)
    return family


def exposition(runtime: Any, has_store: bool) -> bytes:
    """All figures in Prometheus's text format.

    Args:
        runtime: the `games.runtime.Runtime` of the server's loop.
        has_store: whether the store serves.
    """
    collectors = CollectorRegistry()
    collectors.register(_Reading(runtime, has_store))
    GCCollector(collectors)
    ProcessCollector(registry=collectors)
    return generate_latest(collectors)
