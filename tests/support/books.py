"""Opening books that are none."""

from pathlib import Path

from games.computer.solver.book import BOOK_BYTES, installed_book

FAULTS = {"missing": "cannot be read", "short": "bytes in place", "corrupt": "corrupt"}
"""What is said of each."""


def broken_book(folder: Path, fault: str) -> Path:
    """A book with one of `FAULTS`.

    Args:
        folder: in which it is made.
        fault: which.
    """
    path = folder / "book.dat"
    content = installed_book().read_bytes()
    if fault == "short":
        path.write_bytes(content[:-5])
    if fault == "corrupt":
        middle = BOOK_BYTES // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    return path
