"""docs/architecture.md is a directory: every module is in it, and what it names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
PYTHON = sorted(
    path.relative_to(ROOT)
    for app in ("config", "games", "lobby")
    for path in (ROOT / app).rglob("*.py")
    if path.stem != "__init__" and path.parent.name != "migrations"
)
SCRIPTS = sorted(path.name for path in (ROOT / "static" / "js").glob("*.js"))


def _rows(folder: str) -> str:
    """The table rows that speak of a folder."""
    return "\n".join(row for row in PAGE.splitlines() if row.startswith(f"| `{folder}"))


@pytest.mark.parametrize("path", PYTHON, ids=str)
def test_every_module_is_listed(path: Path) -> None:
    assert f"`{path}`" in PAGE or f"`{path.name}`" in _rows(f"{path.parent}/")


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_is_listed(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`([a-z_]+/[a-zA-Z0-9_./]*)`", PAGE))))
def test_what_is_named_is_there(named: str) -> None:
    assert (ROOT / named).exists()


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)", PAGE))
def test_links_lead_somewhere(target: str) -> None:
    assert (ROOT / "docs" / target).exists()
