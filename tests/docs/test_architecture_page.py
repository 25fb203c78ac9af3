"""docs/architecture.md is a directory: every package is in it, and what it names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
APPS = [ROOT / "games", ROOT / "lobby"]
PACKAGES = sorted(
    f"{path.relative_to(ROOT)}/" for app in APPS for path in app.iterdir() if path.is_dir() and list(path.glob("*.py"))
)
MODULES = sorted(str(path.relative_to(ROOT)) for app in APPS for path in app.glob("*.py") if path.name != "__init__.py")
SCRIPTS = sorted(f"{path.relative_to(ROOT)}/" for path in (ROOT / "static" / "js").iterdir())


@pytest.mark.parametrize("name", [name for name in PACKAGES if not name.endswith("/migrations/")] + MODULES)
def test_every_package_is_listed(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_folder_of_scripts_is_listed(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`([a-z_]+/[a-zA-Z0-9_./]*)`", PAGE))))
def test_what_is_named_is_there(named: str) -> None:
    assert (ROOT / named).exists()


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)", PAGE))
def test_links_lead_somewhere(target: str) -> None:
    assert (ROOT / "docs" / target).exists()
