"""Turns a run's figures into the tables of docs/performance.md."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.scenarios import Results, median
from bench.servers import Candidate

BOUND = "websockets"
"""The candidate that ratios are taken to."""
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def ratio(results: Results, key: str, candidate: str, other: str, figure: str) -> float | None:
    """The median, over the rounds, of one candidate's figure divided by another's in the same round."""
    ours, theirs = results.get(key, {}).get(candidate, []), results.get(key, {}).get(other, [])
    pairs = [
        a[figure] / b[figure]
        for a, b in zip(ours, theirs, strict=False)
        if not a["errors"] and not b["errors"] and b.get(figure)
    ]
    return statistics.median(pairs) if pairs and len(pairs) == len(ours) else None


@dataclass(frozen=True)
class Target:
    """One line of what must be had: a figure of a candidate, or its ratio to another's."""

    label: str
    key: str
    candidate: str
    figure: str
    must: float
    goal: float | None = None
    other: str | None = None
    is_floor: bool = True
    """Whether more is better."""

    def measured(self, results: Results) -> float | None:
        """The figure or ratio, or None where it was not measured."""
        if self.other:
            return ratio(results, self.key, self.candidate, self.other, self.figure)
        return median(results, self.key, self.candidate, self.figure)

    def row(self, results: Results) -> list[str] | None:
        """Its line of the table: what, who, must, goal, measured, verdict; None where it was not measured."""
        value = self.measured(results)
        if value is None:
            return None
        sign = "≥" if self.is_floor else "≤"
        verdict = "missed"
        if self._holds(value, self.must):
            verdict = "must"
        if self.goal is not None and self._holds(value, self.goal):
            verdict = "goal"
        goal = "" if self.goal is None else f"{sign} {self.goal:g}"
        return [self.label, self.candidate, f"{sign} {self.must:g}", goal, f"{value:.2f}", verdict]

    def _holds(self, value: float, bound: float) -> bool:
        return value >= bound if self.is_floor else value <= bound


def _targets() -> list[Target]:
    speed = "moves_per_second"
    found = []
    for games, candidate, other, must, goal in [
        (50, "uvicorn", BOUND, 0.45, 0.60),
        (50, "daphne", BOUND, 0.20, 0.30),
        (500, "uvicorn", BOUND, 0.45, 0.65),
        (500, "daphne", BOUND, 0.25, 0.35),
        (500, "uvicorn", "textbook", 14, 20),
        (500, "daphne", "textbook", 7.5, 10),
        (500, "uvicorn", "boardgameio", 2.0, 3.0),
        (500, "daphne", "boardgameio", 1.0, 1.5),
        (500, "postgresql", BOUND, 0.30, None),
    ]:
        label = f"moves/s at {games} games, ratio to {other}"
        found.append(Target(label, f"saturation/{games}", candidate, speed, must, goal, other))
    label = "moves/s at 500 games with clocks, ratio to those without"
    found.append(Target(label, "saturation/500", "clocked", speed, 0.95, None, "uvicorn"))
    fixed, p99, last = "fixed/1000", "p99_ms", "last of 5000 spectators, ratio to `broadcast`"
    return [
        *found,
        Target("p99 at 1000 moves/s over 500 games, ms", fixed, "uvicorn", p99, 3, is_floor=False),
        Target(f"the same, ratio to {BOUND}", fixed, "uvicorn", p99, 6, other=BOUND, is_floor=False),
        Target("p99 at 1000 moves/s over 500 games, ms", fixed, "daphne", p99, 6, is_floor=False),
        Target("p99 with clocks, ratio to that without", fixed, "clocked", p99, 1.2, other="uvicorn", is_floor=False),
        Target(last, "fanout/5000", "uvicorn", "p50_ms", 2.5, None, BOUND, False),
        Target(last, "fanout/5000", "daphne", "p50_ms", 6, None, BOUND, False),
        Target("KiB an idle signed-in connection", "idle", "uvicorn", "kib_per_connection", 40, is_floor=False),
        Target("KiB an idle signed-in connection", "idle", "daphne", "kib_per_connection", 40, is_floor=False),
    ]  # fmt: skip


TARGETS = _targets()


def target_rows(results: Results) -> list[list[str]]:
    """Must, goal and measured for every target that this run has figures for, and PostgreSQL's evenness."""
    rows = [row for target in TARGETS if (row := target.row(results))]
    evenness = [
        report["p99_ms"] / report["p50_ms"]
        for report in results.get("saturation/500", {}).get("postgresql", [])
        if not report["errors"]
    ]
    if evenness:
        value = statistics.median(evenness)
        verdict = "must" if value <= 4 else "missed"
        rows.append(["p99 divided by p50 at 500 games", "postgresql", "≤ 4", "", f"{value:.2f}", verdict])
    return rows


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(results: Results, key: str, name: str, figure: str, form: str) -> str:
    value = median(results, key, name, figure)
    if value is None:
        return "failed" if results.get(key, {}).get(name) else "–"
    if not _keeps_up(results, key, name):
        return "does not keep up"
    compared = ratio(results, key, name, BOUND, figure)
    text = form.format(value)
    return text if compared is None or name == BOUND else f"{text} (×{compared:.2f})"


def _keeps_up(results: Results, key: str, name: str) -> bool:
    """Whether a server takes the moves as fast as they come, where their rate is fixed."""
    scenario, _, rate = key.partition("/")
    speed = median(results, key, name, "moves_per_second")
    return scenario != "fixed" or speed is None or speed > 0.95 * float(rate)


def _keys(results: Results, scenario: str) -> list[str]:
    return [key for key in results if key.split("/")[0] == scenario]


def _section(
    title: str, results: Results, scenario: str, figures: dict[str, tuple[str, str]], listed: list[Candidate]
) -> str:
    keys = _keys(results, scenario)
    if not keys:
        return ""
    head = ["server"]
    for key in keys:
        suffix = f" {key.split('/')[1]}" if "/" in key else ""
        head += [f"{name}{suffix}" for name in figures]
    rows = []
    for candidate in listed:
        if any(candidate.name in results[key] for key in keys):
            cells = [_cell(results, key, candidate.name, *figure) for key in keys for figure in figures.values()]
            rows.append([candidate.title, *cells])
    return f"### {title}\n\n{table(head, rows)}\n"


def _speed_section(results: Results, listed: list[Candidate], loops: dict[str, str]) -> str:
    keys = _keys(results, "saturation")
    if not keys:
        return ""
    sizes = [key.split("/")[1] for key in keys]
    head = ["server", "loop", "stores", *(f"{size} at once" for size in sizes)]
    head += [f"CPU ms per 1000 moves, {sizes[-1]}", f"p99 ms, {sizes[-1]}"]
    rows = []
    for candidate in listed:
        name = candidate.name
        if name in results[keys[-1]]:
            speeds = [_cell(results, key, name, "moves_per_second", "{:,.0f}") for key in keys]
            last = [
                _cell(results, keys[-1], name, "cpu_ms", "{:.0f}"),
                _cell(results, keys[-1], name, "p99_ms", "{:.1f}"),
            ]
            rows.append([candidate.title, loops.get(name, ""), candidate.stores, *speeds, *last])
    return f"### Moves a second, as many as it manages\n\n{table(head, rows)}\n"


def markdown(results: Results, listed: list[Candidate], loops: dict[str, str], facts: list[str]) -> str:
    """All tables of a run.

    Args:
        results: from `Bench.run`.
        listed: the candidates, in the order of the rows.
        loops: each candidate's event loop.
        facts: lines on the machine, versions and limits.
    """
    milliseconds = "{:.2f}"
    latency = {
        "p50 ms": ("p50_ms", milliseconds),
        "p95 ms": ("p95_ms", milliseconds),
        "p99 ms": ("p99_ms", milliseconds),
    }
    speed = {"moves/s,": ("moves_per_second", "{:,.0f}"), "CPU ms per 1000,": ("cpu_ms", "{:.0f}")}
    storm = {
        "s until all are connected": ("greeted_seconds", milliseconds),
        "s until all games have moved": ("seconds", milliseconds),
        "s of CPU": ("server_cpu_seconds", milliseconds),
    }
    parts = [
        "\n".join(f"- {fact}" for fact in facts) + "\n",
        "### Targets\n\n"
        + table(["what", "server", "must", "goal", "measured", "reached"], target_rows(results))
        + "\n\n![Moves a second of each server](performance.svg)\n",
        _speed_section(results, listed, loops),
        _section("Short games, so many at once", results, "short", speed, listed),
        _section("50 short games beside resting sockets, so many in all", results, "resting", speed, listed),
        _section("At a fixed load, moves/s over 500 games", results, "fixed", latency, listed),
        _section("From a move to the last spectator", results, "fanout", {"ms to": ("p50_ms", milliseconds)}, listed),
        _section("Signed-in connections a second", results, "connect", {"a second": ("per_second", "{:.0f}")}, listed),
        _section("Everybody comes back at once", results, "storm", storm, listed),
        _section("Memory", results, "idle", {"KiB a connection": ("kib_per_connection", "{:.1f}")}, listed),
    ]
    return "\n".join(part for part in parts if part)


def write(page: Path, text: str, begin: str = BEGIN, end: str = END) -> None:
    """Put a run's tables into a page, between its two markers.

    Args:
        page: to be rewritten.
        text: what stands between the markers from now on.
        begin: the first marker.
        end: the second.

    Raises:
        ValueError: the page lacks them.
    """
    before, found_begin, rest = page.read_text().partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise ValueError(f"{page} lacks the lines {begin} and {end}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}")
