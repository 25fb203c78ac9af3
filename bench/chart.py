"""Draws the moves a second of all servers as an SVG: a group of bars for each number of games."""

from html import escape

from bench.report import BOUND, ratio
from bench.scenarios import Results, median
from bench.servers import Candidate

WIDTH, LEFT, RIGHT, BAR, GAP, GROUP = 860, 260, 120, 20, 6, 44
OURS = {"uvicorn", "daphne", "postgresql"}


def draw(results: Results, listed: list[Candidate]) -> str:
    """The chart, as the text of an SVG file.

    Args:
        results: from `Bench.run`, with `saturation/N`.
        listed: the candidates, in the order of the bars.
    """
    keys = [key for key in results if key.startswith("saturation/")]
    fastest = max((median(results, key, c.name, "moves_per_second") or 0 for key in keys for c in listed), default=0)
    parts, y = [], 56
    for key in keys:
        parts.append(f'<text class="group" x="16" y="{y + 14}">{_games(key)} at once</text>')
        y += 28
        for candidate in listed:
            speed = median(results, key, candidate.name, "moves_per_second")
            if speed is not None:
                parts.append(_bar(candidate, y, speed / fastest, _label(results, key, candidate.name, speed)))
                y += BAR + GAP
        y += GROUP - 28
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img" '
        'aria-labelledby="title"><title id="title">Moves a second of each server</title>\n<style>'
        "text{font:13px system-ui,sans-serif;fill:#1d2733}.head,.group{font-weight:700}.head{font-size:16px}"
        ".theirs{fill:#9aa7b5}.ours{fill:#1f5fd0}</style>\n"
        f'<rect width="{WIDTH}" height="{y}" rx="8" fill="#fff"/>\n'
        '<text class="head" x="16" y="32">Moves a second, one process on one core (longer is better)</text>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _label(results: Results, key: str, name: str, speed: float) -> str:
    compared = ratio(results, key, name, BOUND, "moves_per_second")
    return f"{speed:,.0f}" if compared is None or name == BOUND else f"{speed:,.0f}  ×{compared:.2f}"


def _bar(candidate: Candidate, y: int, share: float, label: str) -> str:
    length = max(1, round((WIDTH - LEFT - RIGHT) * share))
    side = "ours" if candidate.name in OURS else "theirs"
    return (
        f'<text x="{LEFT - 10}" y="{y + 15}" text-anchor="end">{escape(candidate.title)}</text>'
        f'<rect class="{side}" x="{LEFT}" y="{y}" width="{length}" height="{BAR}" rx="3"/>'
        f'<text x="{LEFT + length + 8}" y="{y + 15}">{escape(label)}</text>'
    )


def _games(key: str) -> str:
    count = key.split("/")[1]
    return "1 game" if count == "1" else f"{count} games"
