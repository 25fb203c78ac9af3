"""Files for their owner alone: the database, the key, and the folder that both are in.

What a command makes is private from the start (`make_privately`); what an older version or another program made is
taken from other users when a server starts (`tighten`). Only collected static files are for everybody.
"""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

log = logging.getLogger("fourline.files")

_OURS = ("secret_key*", "*.sqlite3*", "static", "cluster")
"""What may lie in a data folder that is ours alone."""
_OTHERS = 0o077


def make_privately() -> None:
    """Keep what this process makes from now on to its user: files 0600, folders 0700."""
    os.umask(_OTHERS)


def tighten(folder: Path, database: dict[str, Any]) -> None:
    """Take from other users what is there already; log where that can't be done.

    Args:
        folder: the data folder. One that holds other things than ours stays as it is: it may be somebody else's.
        database: its settings as Django has them; of SQLite, the file and those beside it are tightened.
    """
    for path in _files(folder, database):
        _take_from_others(path)
    foreign = _foreign(folder)
    if not foreign:
        _take_from_others(folder)
    elif _is_open_to_others(folder):
        log.warning(
            "%s can be entered by other users, and is left so because %s is in it. Run chmod go= %s, "
            "or set FOURLINE_DATA to a folder of its own",
            folder, foreign[0], folder,
        )  # fmt: skip


def _foreign(folder: Path) -> list[str]:
    """What is not ours in there; nothing where that can't be read."""
    try:
        return sorted(path.name for path in folder.iterdir() if not any(map(path.match, _OURS)))
    except OSError:
        return []


def _files(folder: Path, database: dict[str, Any]) -> Iterator[Path]:
    yield folder / "secret_key"
    if database["ENGINE"] == "django.db.backends.sqlite3":
        for suffix in ("", "-wal", "-shm", "-journal"):
            yield Path(f"{database['NAME']}{suffix}")


def _is_open_to_others(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & _OTHERS)
    except OSError:  # not there, as SQLite's files beside the database often are, or out of reach
        return False


def _take_from_others(path: Path) -> None:
    if not _is_open_to_others(path):
        return
    try:
        path.chmod(path.stat().st_mode & 0o700)
    except FileNotFoundError:
        pass  # it has just gone
    except OSError as error:
        log.warning("%s can be used by other users: %s. Run chmod go= %s as its owner", path, error.strerror, path)
