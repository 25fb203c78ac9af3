"""The colours of tokens.css, by the contrast ratio of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).

axe-core sees the contrast of text; it does not look into drawings.
"""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).resolve().parents[2] / "static/css/tokens.css").read_text()
AA_TEXT, AA_SHAPE = 4.5, 3.0

TEXT = [
    ("text", "bg"), ("text", "surface"), ("text", "surface-quiet"), ("text", "accent-soft"), ("text", "danger-soft"),
    ("text", "warn-soft"), ("muted", "bg"), ("muted", "surface"), ("muted", "surface-quiet"), ("muted", "accent-soft"),
    ("accent", "bg"), ("accent", "surface"), ("danger", "bg"), ("danger", "surface"), ("good", "bg"), ("bg", "text"),
    ("on-press", "press"), ("on-press", "press-hover"), ("on-press", "alarm"), ("danger", "surface-quiet"),
    ("won", "bg"), ("drawn", "bg"), ("lost", "bg"), ("mistake", "surface"), ("mistake", "bg"),
    ("mistake", "accent-soft"),
]  # fmt: skip
SHAPES = [
    ("disc-1", "plate"), ("disc-2", "plate"), ("disc-1", "hole"), ("disc-1-mark", "disc-1"), ("disc-2-mark", "disc-2"),
    ("border", "surface"), ("border", "bg"), ("focus", "bg"), ("focus", "surface"), ("online", "surface"),
    ("best", "hole"), ("mistake", "surface-quiet"), ("danger", "surface-quiet"), ("accent", "surface-quiet"),
]  # fmt: skip


def _colours(theme: int) -> dict[str, str]:
    """The custom properties of one theme: 0 is light, 1 dark."""
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", TOKENS)
    plain = re.findall(r"--([\w-]+): (#\w{6});", TOKENS)
    return {name: (light, dark)[theme] for name, light, dark in pairs} | dict(plain)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, AA_TEXT), (SHAPES, AA_SHAPE)], ids=["text", "shapes"])
def test_contrast(theme: int, pairs: list[tuple[str, str]], least: float) -> None:
    colours = _colours(theme)
    weak = {pair: round(_contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert not {pair: ratio for pair, ratio in weak.items() if ratio < least}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_a_hole_is_seen_by_its_ground_or_by_its_rim(theme: int) -> None:
    colours = _colours(theme)
    assert max(_contrast(colours[part], colours["plate"]) for part in ("hole", "plate-rim")) >= AA_SHAPE


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_a_disc_of_participant_2_is_told_from_an_empty_hole(theme: int) -> None:
    colours = _colours(theme)
    assert max(_contrast(colours[part], colours["hole"]) for part in ("disc-2", "disc-2-mark")) >= AA_SHAPE
