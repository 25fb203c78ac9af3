"""Turns what `bench.cluster` found into the tables of docs/performance.md."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from bench.report import table

BEGIN, END = "<!-- cluster: begin -->", "<!-- cluster: end -->"
NAMES = {
    "none": "none, one process alone",
    "ours": "ours over Valkey",
    "stock": "Channels' stock Redis pub/sub",
}
PARTS = ["application", "postgres", "valkey", "nginx"]

Line = dict[str, Any]


def markdown(said: Sequence[Line], facts: Iterable[str]) -> str:
    """Everything that was found, each figure the median of its rounds.

    Args:
        said: the lines that `bench.cluster` printed.
        facts: on the machine.
    """
    parts = [f"Medians; {', '.join(facts)}.", _layers(said), _processes(said)]
    return "\n\n".join(part for part in parts if part)


def _layers(said: Sequence[Line]) -> str:
    rows = []
    for name, words in NAMES.items():
        plays, fanouts, hears = (_of(said, part, layer=name) for part in ("layer", "fanout", "listeners"))
        if plays:
            rows.append([
                words,
                _median(plays, itemgetter("moves_per_second"), "{:,.0f}"),
                _median(plays, lambda line: line["server_cpu_seconds"] * 1e6 / line["moves"], "{:.0f} µs"),
                _median(fanouts, itemgetter("p50_ms"), "{:.0f} ms"),
                _median(fanouts, lambda line: line["server_cpu_seconds"] * 1e3 / line["moves"], "{:.0f} ms"),
                _median(hears, itemgetter("p50_ms"), "{:.2f} ms"),
                _median(hears, itemgetter("cpu_ms"), "{:.2f} ms"),
            ])  # fmt: skip
    if not rows:
        return ""
    spectators, games = _of(said, "fanout")[0]["spectators"], _of(said, "layer")[0]["games"]
    head = [
        "layer", f"moves/s, {games} games", "CPU a move", f"last of {spectators} spectators", "CPU an event to them",
        f"the layer alone: last of {spectators} channels", "CPU an event to them",
    ]  # fmt: skip
    return table(head, rows)


def _processes(said: Sequence[Line]) -> str:
    rows = []
    for count in sorted({line["processes"] for line in _of(said, "processes")}):
        lines = _of(said, "processes", processes=count)
        costs = [line["cpu_microseconds_per_move"] for line in lines]
        rows.append(
            [
                str(count),
                _median(lines, itemgetter("moves_per_second"), "{:,.0f}"),
                *(_median(costs, itemgetter(part), "{:.0f}") for part in PARTS),
            ]
        )
    if not rows:
        return ""
    return table(["processes", "moves/s", *(f"{part}, µs CPU a move" for part in PARTS)], rows)


def _of(said: Sequence[Line], part: str, **fields: Any) -> list[Line]:
    wanted = {"part": part, **fields}
    return [line for line in said if wanted.items() <= line.items()]


def _median(lines: Sequence[Line], figure: Callable[[Line], float], form: str) -> str:
    return form.format(statistics.median(map(figure, lines))) if lines else ""
