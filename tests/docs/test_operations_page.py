"""docs/operations.md knows every setting that is read from the environment, and none that isn't."""

import re
from pathlib import Path

from django.core.management import get_commands

from tests.support.settings_read import settings_read

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text()


def settings_described() -> set[str]:
    """The names in the first column of the settings' tables."""
    tables = PAGE[PAGE.index("## Settings") : PAGE.index("## Stopping")]
    rows = re.findall(r"^\| (`[^|]*) \|", tables, flags=re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([A-Z0-9_]+)`", row)}


def test_the_page_and_the_settings_know_the_same_variables() -> None:
    assert len(settings_read()) > 10
    assert settings_described() == settings_read()


def test_the_page_names_only_commands_that_exist() -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", PAGE))
    assert named <= set(get_commands())


def test_the_page_names_only_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)`", PAGE)) <= targets
