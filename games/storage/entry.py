"""A change on its way to the store, with whoever waits for its verdict."""

from typing import Generic, TypeVar

from games.storage.statements import Storable

W = TypeVar("W")
"""Whoever waits for a verdict."""


class Entry(Generic[W]):
    """A change on its way to the store.

    Attributes:
        change: what to store.
        owner: whatever the caller wants to find the change by when it is done.
        stage: ``waiting``, ``withdrawn``, ``taken``, or ``in doubt``: it may be stored, and the answer was lost.
    """

    __slots__ = ("change", "owner", "stage")

    def __init__(self, change: Storable, owner: W) -> None:
        self.change = change
        self.owner = owner
        self.stage = "waiting"
