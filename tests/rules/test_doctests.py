"""The examples in docstrings are run, wherever there are any."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for app in ("config", "games", "lobby")
    for path in (ROOT / app).rglob("*.py")
    if ">>> " in path.read_text()
)


def test_rules_and_ids_have_examples() -> None:
    assert {"games.rules.board", "games.rules.ids"} <= set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
