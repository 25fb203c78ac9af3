"""Which variables of the environment the settings read."""

import ast
import re

from tests.support.servers import ROOT

NAME = re.compile(r"[A-Z][A-Z0-9_]+")


def settings_read() -> set[str]:
    """First arguments that look like a variable, of all calls in the settings."""
    tree = ast.parse((ROOT / "config" / "settings.py").read_text())
    firsts = [node.args[0] for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    return {
        first.value
        for first in firsts
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and NAME.fullmatch(first.value)
    }
