"""A file that is whole or not there: written beside its place, synced, and only then given its name."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.backups import CannotCopy

_HAS_NO_HARD_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS)


@contextmanager
def whole_file(path: Path) -> Iterator[tuple[Path, int]]:
    """Make a file for its owner alone, under ``path`` only when the ``with`` block has ended without an error.

    What a killed process leaves is called ``path`` with ``.partial`` after it; the next one for the same path takes it.

    Args:
        path: where nothing is yet; what is there is never overwritten.

    Yields:
        The path and the open descriptor of the empty file to write.

    Raises:
        CannotCopy: something is there, or it can't be written there.
    """
    partial = path.with_name(f"{path.name}.partial")
    if os.path.lexists(path):
        raise _is_there(path)
    try:
        descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotCopy(f"cannot write {path}: {error.strerror}") from None
    try:
        _take(descriptor, partial)
        yield partial, descriptor
        os.fsync(descriptor)
        _name(partial, path)
    except BaseException as error:
        if not isinstance(error, _Taken):
            partial.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise CannotCopy(f"cannot write {path}: {error.strerror}") from None
        raise
    finally:
        os.close(descriptor)


class _Taken(CannotCopy):
    """Another process writes it."""


def _is_there(path: Path) -> CannotCopy:
    return CannotCopy(f"{path} is there already, and is not overwritten")


def _take(descriptor: int, partial: Path) -> None:
    try:
        # The lock lasts while any process has the file open: also a pg_dump that outlives a killed backup.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_ours = partial.exists() and partial.stat().st_ino == os.fstat(descriptor).st_ino
    except BlockingIOError:
        is_ours = False
    if not is_ours:  # it is open elsewhere, or has got its name since we opened it
        raise _Taken(f"{partial} is being written by another backup")
    os.fchmod(descriptor, 0o600)
    os.ftruncate(descriptor, 0)


def _name(partial: Path, path: Path) -> None:
    try:
        os.link(partial, path)  # unlike a rename it overwrites nothing
        partial.unlink()
    except FileExistsError:
        raise _is_there(path) from None
    except OSError as error:
        if error.errno not in _HAS_NO_HARD_LINKS:
            raise
        partial.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
