"""Which tests one worker runs (pytest-xdist), and in which order."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/cluster/", "tests/e2e/")
"""Folders whose tests share what takes long to start: a cluster, a browser with people who have signed up."""
HALVED_AT = "tests/e2e/test_m"
"""Files of a folder after this name are a part of their own: one worker alone would be at it when all others rest."""
FIRST = (
    "tests/cluster/", "tests/e2e/", "tests/deploy/", "tests/faults/", "tests/backups/", "tests/hardening/test_rubbish",
    "tests/hardening/test_control", "tests/hardening/test_slow", "tests/hardening/", "tests/lobby/", "tests/config/",
    "tests/sockets/",
)  # fmt: skip
"""What takes long begins early, so that no worker is left with it at the end."""


def rank(item: pytest.Item) -> int:
    """The place of a test's file in the order of a run; for `sorted`."""
    for place, prefix in enumerate(FIRST):
        if item.nodeid.startswith(prefix):
            return place
    return len(FIRST)


class ByFile(LoadScopeScheduling):
    """All tests of a file, or of a part of a folder of `TOGETHER`, to one worker: what they share is started once."""

    def _split_scope(self, nodeid: str) -> str:
        for folder in TOGETHER:
            if nodeid.startswith(folder):
                return f"{folder}, second half" if folder < HALVED_AT < nodeid else folder
        return nodeid.split("::", 1)[0]


def scheduler(config: pytest.Config, log: Any) -> ByFile:
    """The scheduler of a run, for ``pytest_xdist_make_scheduler``."""
    config.option.loadscopereorder = False  # by number of tests; ours is the order of the collection
    return ByFile(config, log)
