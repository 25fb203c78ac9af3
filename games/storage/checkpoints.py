"""Checkpoints of an SQLite database beside its writer, not in it.

SQLite's log grows with each commit and must be copied into the database now and then. By default the commit that finds
a thousand pages in the log does so, and whoever waits for it waits several milliseconds longer: at 1000 moves/s that is
more than one move in a hundred. Here a thread with a connection of its own copies once a second, while commits go on;
only starting the log anew, when it has grown long, needs the writer, and little is left to copy then.
(https://www.sqlite.org/wal.html, "Checkpointing")
"""

import logging
import threading

from django.db import DatabaseError, InterfaceError, connections

from games.logs import reason_of
from games.storage.database import use_own_connection

log = logging.getLogger("fourline.checkpoints")

INTERVAL = 1.0
"""Seconds between two copies."""
LONG = 8_000
"""Pages in the log, about 32 MB, from which it is started anew."""
RESTART_PATIENCE = 50
"""Milliseconds that the writer waits for readers of the old log; they are mostly done in one, else it tries later."""


class Checkpoints:
    """A thread that copies the log into the database, for one writer."""

    def __init__(self) -> None:
        self._is_over = threading.Event()
        self._is_long = False
        self._thread = threading.Thread(target=self._copy_for_ever, name="fourline-checkpoints", daemon=True)
        self._thread.start()

    def restart_if_long(self) -> None:
        """Start the log anew if it has just been copied and is long. To be called by the writer, between commits."""
        if not self._is_long:
            return
        self._is_long = False
        own_timeout = int(connections["default"].settings_dict["OPTIONS"]["timeout"] * 1000)
        try:
            with connections["default"].cursor() as cursor:
                cursor.execute(f"PRAGMA busy_timeout = {RESTART_PATIENCE}")
                try:
                    cursor.execute("PRAGMA wal_checkpoint(RESTART)")
                finally:  # else the writer would wait for no lock any more
                    cursor.execute(f"PRAGMA busy_timeout = {own_timeout}")
        except (DatabaseError, InterfaceError) as error:
            log.warning("the log could not be started anew: %s", reason_of(error))

    def close(self) -> None:
        """End the thread; closing the last connection copies what is left."""
        self._is_over.set()
        self._thread.join()

    def _copy_for_ever(self) -> None:
        use_own_connection()
        try:
            while not self._is_over.wait(INTERVAL):
                self._copy()
        finally:
            connections.close_all()

    def _copy(self) -> None:
        try:
            with connections["default"].cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
                _, in_log, _ = cursor.fetchone()
        except (DatabaseError, InterfaceError) as error:
            log.warning("the log could not be copied: %s", reason_of(error))
            return
        self._is_long = in_log >= LONG
