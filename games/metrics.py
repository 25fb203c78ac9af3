"""What a process has done, as plain integers, and how Prometheus reads them.

Counting costs a fraction of a microsecond: nothing is computed, locked or formatted until somebody asks.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

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
        self.lines: Counter[str] = Counter()
        """Lines of chat that were stored, by room; ``muted`` those that only their authors see."""
        self.handshakes = 0
        self.resyncs: Counter[str] = Counter()
        """Snapshots beyond a connection's first, by reason: ``asked``, ``behind`` (a ping), ``missed`` (too slow)."""
        self.batch_size = Histogram(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
        self.commit_seconds = Histogram(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2)
        self.answer_seconds = Histogram(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
        self.receipt_seconds = Histogram(0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 3)

    def note_batch(self, size: int, seconds: float) -> None:
        """A batch was stored."""
        self.batch_size.observe(size)
        self.commit_seconds.observe(seconds)


figures = Figures()
"""This process's."""

K = TypeVar("K", bound=tuple[str, ...])

_KINDS = ("create", *CHANGES)


_ANSWERS = [(way, f"{hundred}xx") for way in ("page", "api") for hundred in (2, 3, 4, 5)]
"""Named from the start: an alert on a rate misses the first error of a series that begins with it."""


class Now(NamedTuple):
    """How things stand in a process when Prometheus asks."""

    has_store: bool
    connections: int
    live_games: int
    journal_waiting: int
    journal_failures: int
    """Since the start, as the next two."""
    layer_dropped: int
    layer_unsent: int
    store_clock_offset: float
    is_layer_up: bool
    neighbours: int
    is_draining: bool
    stands_aside: bool


class _Reading(Collector):
    """Reads the figures once for Prometheus."""

    def __init__(self, now: Now) -> None:
        self._now = now

    def collect(self) -> Iterable[Metric]:
        yield from _gauges(self._now)
        yield from _counters(self._now)
        yield from _histograms()


def _gauges(now: Now) -> Iterator[Metric]:
    for name, text, value in (
        ("fourline_store_up", "1 while the store takes moves, asked now.", now.has_store),
        ("fourline_connections", "Open WebSocket connections.", now.connections),
        ("fourline_live_games", "Games held in memory.", now.live_games),
        ("fourline_journal_waiting", "Changes waiting to be stored.", now.journal_waiting),
        (
            "fourline_store_clock_offset_seconds",
            "The store's clock ahead of this machine's.",
            now.store_clock_offset,
        ),
        ("fourline_layer_up", "1 unless the shared layer is away.", now.is_layer_up),
        ("fourline_neighbours", "Other processes heard of.", now.neighbours),
        ("fourline_draining", "1 while the server drains.", now.is_draining),
        ("fourline_stands_aside", "1 while only its neighbours have the store.", now.stands_aside),
    ):
        yield GaugeMetricFamily(name, text, float(value))


def _counters(now: Now) -> Iterator[Metric]:
    stored = figures.stored
    yield CounterMetricFamily("fourline_moves", "Moves stored.", float(stored["move"]))
    yield _labelled("fourline_changes", "Changes of games stored, by kind.", ["kind"],
                    {(kind,): stored[kind] for kind in _KINDS})  # fmt: skip
    yield _labelled("fourline_refusals", "Refusals, by way and error code.", ["way", "code"], figures.refused)
    yield _labelled("fourline_answers", "Answers to HTTP requests, by way and class of status.", ["way", "status"],
                    dict.fromkeys(_ANSWERS, 0) | figures.answers)  # fmt: skip
    yield _labelled("fourline_closes", "Connections closed by us, by close code.", ["code"],
                    {(str(code),): count for code, count in figures.closed.items()})  # fmt: skip
    yield CounterMetricFamily(
        "fourline_journal_failures", "Errors that the journal's writer outlived.", now.journal_failures
    )
    yield _labelled("fourline_strange_requests", "Requests that break a protocol or a rule of the site, by kind.",
                    ["kind"], {(kind,): count for kind, count in figures.strangers.items()})  # fmt: skip
    yield _labelled("fourline_chat_lines", "Lines of chat stored, by room; muted: for their authors alone.", ["room"],
                    {(room,): figures.lines[room] for room in ("participants", "spectators", "muted")})  # fmt: skip
    yield CounterMetricFamily("fourline_handshakes", "WebSocket handshakes begun.", figures.handshakes)
    yield _labelled("fourline_resyncs", "Snapshots beyond the first, by reason.", ["reason"],
                    {(reason,): figures.resyncs[reason] for reason in ("asked", "behind", "missed")})  # fmt: skip
    yield _labelled("fourline_dropped_messages", "Announcements dropped, by where.", ["where"],
                    {("layer",): now.layer_dropped, ("unsent",): now.layer_unsent})  # fmt: skip


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


def _labelled(name: str, text: str, labels: list[str], rows: Mapping[K, int]) -> Metric:
    family = CounterMetricFamily(name, text, labels=labels)
    for values, count in sorted(rows.items()):
        family.add_metric([str(value) for value in values], count)
    return family


def exposition(now: Now) -> bytes:
    """All figures in Prometheus's text format.

    Args:
        now: how things stand.
    """
    collectors = CollectorRegistry()
    collectors.register(_Reading(now))
    GCCollector(collectors)
    ProcessCollector(registry=collectors)
    return generate_latest(collectors)
