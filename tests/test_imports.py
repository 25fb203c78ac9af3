"""Imports run one way: the table of docs/architecture.md, read from the code."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORDER = (
    "logs", "rules", "protocol", "game", "models", "storage", "layers", "access", "presence", "metrics", "ratings",
    "registry", "chat", "computer", "honesty", "runtime", "sockets", "records",
)  # fmt: skip
"""Packages of `games`, from the inside out: each imports those before it, and none after it."""
LOBBY_ORDER = ("models", "accounts", "pairing", "live_list", "profile", "puzzles")
"""The same for `lobby`."""
SCRIPT_FOLDERS = ("site", "net", "chat", "game", "review", "puzzles", "lobby")
"""Folders of `static/js`: each imports from itself and those before it."""
PURE = {"rules": set(), "protocol": {"msgspec"}, "game": {"msgspec"}}
"""What may not import Django or a library, but for those named."""
WRITERS = {"games.storage.journal", "games.storage.commits", "games.storage.statements"}
MAY_WRITE = {
    "games.registry.registry", "games.registry.submissions", "games.registry.pending", "games.storage.journal",
    "games.storage.commits", "games.storage.entry", "games.storage.row_writer", "games.storage.readiness",
    "games.storage.looking_up", "games.registry.creation",
}  # fmt: skip
"""Every change of a game goes through the registry: nobody else touches what writes."""


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {_name(path): path for app in ("games", "lobby") for path in (ROOT / app).rglob("*.py")}


def imported_by(module: str) -> set[str]:
    """All that a module imports, anywhere in it: ``games.models`` for ``from games import models`` too."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            assert node.level == 0, f"{module}: imports are absolute here"
            found |= {name if (name := f"{base}.{alias.name}") in MODULES else base for alias in node.names}
    return {name for name in found if name.split(".")[0] not in sys.stdlib_module_names}


def _package(module: str, app: str = "games") -> str:
    """The package of a module of `app`; empty for another's."""
    return module.split(".")[1] if module.startswith(f"{app}.") else ""


@pytest.mark.parametrize(
    ("app", "order", "package"),
    [(app, order, package) for app, order in (("games", ORDER), ("lobby", LOBBY_ORDER)) for package in order],
)
def test_a_package_imports_only_what_is_within_it(app: str, order: tuple[str, ...], package: str) -> None:
    may = {*order[: order.index(package) + 1], ""}
    modules = [module for module in MODULES if _package(module, app) == package]
    assert modules
    assert not {m: names for m in modules if (names := {n for n in imported_by(m) if _package(n, app) not in may})}


@pytest.mark.parametrize("folder", SCRIPT_FOLDERS)
def test_scripts_import_one_way(folder: str) -> None:
    paths = list((ROOT / "static" / "js" / folder).glob("*.js"))
    assert paths
    imported = {name for path in paths for name in re.findall(r'from "\.\./(\w+)/', path.read_text())}
    assert imported <= set(SCRIPT_FOLDERS[: SCRIPT_FOLDERS.index(folder)])


def test_what_scripts_import_is_there() -> None:
    paths = list((ROOT / "static").rglob("*.js"))
    named = [(path, name) for path in paths for name in re.findall(r'from "(\..*?)"', path.read_text())]
    assert named
    assert not [f"{path.name}: {name}" for path, name in named if not (path.parent / name).exists()]


@pytest.mark.parametrize("package", PURE)
def test_the_core_needs_no_library(package: str) -> None:
    modules = [module for module in MODULES if _package(module) == package]
    libraries = {name for m in modules for name in imported_by(m) if not name.startswith("games")}
    assert libraries <= PURE[package]


def test_games_knows_neither_the_lobby_nor_the_site() -> None:
    wrong = {m: names for m in MODULES if m.startswith("games") and (names := _within(m, "lobby", "config"))}
    assert not wrong


def test_the_lobby_does_not_import_the_site() -> None:
    assert not {m: names for m in MODULES if m.startswith("lobby") and (names := _within(m, "config"))}


def test_no_two_modules_import_each_other() -> None:
    """Not even for the names of types alone."""
    imports = {module: imported_by(module) for module in MODULES}
    assert not {(m, n) for m, names in imports.items() for n in names & MODULES.keys() if m < n and m in imports[n]}


def test_only_the_registry_reaches_what_writes() -> None:
    assert not {m: names for m in MODULES if m not in MAY_WRITE and (names := imported_by(m) & WRITERS)}


def test_what_tests_share_is_in_support() -> None:
    """A module that is imported by name and is also pytest's conftest would be loaded twice."""
    wrong = []
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests."):
                folder, *within = node.module.split(".")[1:]
                if folder not in ("support", path.relative_to(ROOT).parts[1]) or "conftest" in within:
                    wrong.append(f"{path.relative_to(ROOT)}: {node.module}")
    assert not wrong


def _within(module: str, *packages: str) -> set[str]:
    return {name for name in imported_by(module) if name.split(".")[0] in packages}
