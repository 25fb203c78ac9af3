"""What all tests share: the `needs` marker."""

import os
import shutil
from importlib.util import find_spec

import pytest


def _is_there(tool: str) -> bool:
    """Whether a tool, a command or a module of Python's, can be used here."""
    names = {"chromium": ("chromium", "chromium-browser"), "nginx": ("nginx", "/usr/sbin/nginx")}.get(tool, (tool,))
    return any(shutil.which(name) for name in names) or (tool.isidentifier() and find_spec(tool) is not None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose tools are missing, by name and with the reason; where CI=true that is a failure."""
    missing = [tool for mark in item.iter_markers("needs") for tool in mark.args if not _is_there(tool)]
    if not missing:
        return
    reason = f"{item.name} needs {' and '.join(missing)}, which is not installed"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
