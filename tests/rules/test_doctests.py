"""The examples in docstrings are run."""

import doctest
import importlib
import pkgutil

import pytest

import games

MODULES = sorted(module.name for module in pkgutil.iter_modules(games.__path__, "games.") if not module.ispkg)


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples() -> None:
    found = {name: doctest.testmod(importlib.import_module(name)).attempted for name in ("games.rules", "games.ids")}
    assert all(found.values()), found
