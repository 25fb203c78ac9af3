"""How slow this machine is just now: what bounds in seconds are stretched by."""

import hashlib
import statistics
import time
from typing import Final

USUAL: Final = 0.07
"""Seconds that the work takes on an idle machine of the kind on which the bounds were measured."""


def slowness(samples: int = 3) -> float:
    """How many times longer work takes here now, because the machine is slower or others use it as well; at least 1.

    Args:
        samples: of which the median counts.
    """
    return max(1.0, statistics.median(_seconds() for _ in range(samples)) / USUAL)


def _seconds() -> float:
    began = time.monotonic()
    hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 300_000)
    return time.monotonic() - began
