"""Imports run one way: the table of docs/architecture.md, read from the code."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORE = {
    # module: what it may import besides the standard library
    "games.rules": set(),
    "games.ids": set(),
    "games.limits": set(),
    "games.protocol": {"msgspec"},
    "games.changes": {"games.rules", "games.protocol"},
    "games.live": {"games.changes", "games.rules", "games.protocol", "games.ids"},
    "games.models": {"django", "games.rules", "games.protocol"},
    "games.prepared": {"django"},
    "games.paced": {"games.prepared"},
    "games.store": {"django", "games.models", "games.changes", "games.live", "games.prepared", "games.protocol"},
    "games.live_games": {"games.protocol", "games.store", "games.paced", "games.broadcast", "games.live"},
    "games.turns": {"games.live_games", "games.protocol"},
    "games.statements": {"django", "msgspec", "games.models", "games.changes", "games.protocol"},
    "games.checkpoints": {"django", "games.database"},
    "games.journal": {"django", "games.database", "games.checkpoints", "games.statements", "games.changes"},
    "games.broadcast": {"channels"},
    "games.layers": {"channels", "channels_redis", "redis", "msgspec"},
    "games.consumers": {
        "django.conf", "django.utils", "games.protocol", "games.ids", "games.live", "games.live_games",
        "games.broadcast", "games.registry", "games.sockets", "games.guessing", "games.metrics",
    },
}  # fmt: skip
WRITERS = {"games.journal", "games.statements"}
MAY_WRITE = {"games.registry", "games.journal"}
"""Every change of a game goes through the registry: nobody else touches what writes."""


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {_name(path): path for app in ("games", "lobby") for path in (ROOT / app).rglob("*.py")}


def imported_by(module: str) -> set[str]:
    """All that a module imports, anywhere in it: ``games.live`` for ``from games import live`` too."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            assert node.level == 0, f"{module}: imports are absolute here"
            found |= {name if (name := f"{base}.{alias.name}") in MODULES else base for alias in node.names}
    return {name for name in found if name.split(".")[0] not in sys.stdlib_module_names}


@pytest.mark.parametrize("module", CORE)
def test_the_core_imports_only_what_it_may(module: str) -> None:
    may = CORE[module]
    extra = {name for name in imported_by(module) if not any(f"{name}.".startswith(f"{ok}.") for ok in may)}
    assert not extra


def test_games_knows_neither_the_lobby_nor_the_site() -> None:
    wrong = {m: names for m in MODULES if m.startswith("games") and (names := _within(m, "lobby", "config"))}
    assert not wrong


def test_the_lobby_does_not_import_the_site() -> None:
    assert not {m: names for m in MODULES if m.startswith("lobby") and (names := _within(m, "config"))}


def test_only_the_registry_reaches_what_writes() -> None:
    assert not {m: names for m in MODULES if m not in MAY_WRITE and (names := imported_by(m) & WRITERS)}


def _within(module: str, *packages: str) -> set[str]:
    return {name for name in imported_by(module) if name.split(".")[0] in packages}
