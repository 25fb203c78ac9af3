"""The book: the scores of all positions with 12 discs, from bitbully-databases, checked before anybody trusts it."""

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Final

RECORD_BYTES: Final = 5
BOOK_PLIES: Final = 12
"""How many discs lie in the book's positions."""
BOOK_BYTES: Final = 21_004_495
BOOK_SHA256: Final = "1e01874dbb9b296a96baa2f5483ae69333ac7009377b34b222f112d9d8e89704"
"""Of ``book_12ply_distances.dat`` in bitbully-databases 0.0.2."""

_PACKAGE, _FILE = "bitbully_databases", "assets/book_12ply_distances.dat"


class BookUnusable(Exception):
    """There is no book, or not the one we know; the text says which."""


def installed_book() -> Path:
    """Where the package's book lies.

    Raises:
        BookUnusable: the package is not installed.
    """
    package = find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise BookUnusable("the opening book is missing: the package bitbully-databases is not installed")
    return Path(package.origin).parent / _FILE


def check_book(path: Path) -> Path:
    """Make sure that a file is the book, to the last byte.

    Args:
        path: the file.

    Returns:
        The same path.

    Raises:
        BookUnusable: it is missing, cannot be read, is too short or too long, or holds something else.
    """
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            digest = hashlib.file_digest(file, "sha256").hexdigest() if size == BOOK_BYTES else ""
    except OSError as error:
        raise BookUnusable(f"the opening book cannot be read: {path}: {error.strerror}") from None
    if size != BOOK_BYTES:
        raise BookUnusable(f"the opening book has {size} bytes in place of {BOOK_BYTES}: {path}")
    if digest != BOOK_SHA256:
        raise BookUnusable(f"the opening book is corrupt: its SHA-256 is not the known one: {path}")
    return path
