"""A command on its way to the store."""

import asyncio

from games.game.changes import GameChange
from games.game.commands import Command
from games.game.live import LiveGame
from games.game.people import Asker
from games.protocol import Answer
from games.registry.live_entry import LiveEntry, Received
from games.storage.commits import Verdict
from games.storage.entry import Entry
from games.storage.journal import Journal

Reply = tuple[LiveGame, Answer | None]
"""A game after a command, and an answer for its asker alone where what was asked was recorded already."""


class Pending:
    """A command whose change is being stored.

    Attributes:
        entry: of its game.
        game: on which it was judged; nothing but its own change alters that one until there is a verdict.
        asker: who asks.
        command: what is asked.
        received: when it came.
        change: what it comes to.
        reply: what its caller waits for.
        attempts: how often it lost to another process.
        journal_entry: while the journal has it.
    """

    __slots__ = (
        "asker",
        "attempts",
        "change",
        "command",
        "entry",
        "game",
        "journal",
        "journal_entry",
        "received",
        "reply",
    )

    def __init__(
        self,
        entry: LiveEntry,
        game: LiveGame,
        asker: Asker,
        command: Command,
        received: Received,
        change: GameChange,
        reply: asyncio.Future[Reply],
        journal: "Journal[Owner]",
    ) -> None:
        self.entry = entry
        self.game = game
        self.asker = asker
        self.command = command
        self.received = received
        self.change = change
        self.reply = reply
        self.journal = journal
        self.attempts = 0
        self.journal_entry: Entry[Owner] | None = None

    def withdraw(self) -> None:
        """Take the change back, if the writer hasn't begun with it."""
        if self.journal_entry is not None:
            self.journal.withdraw(self.journal_entry)


Owner = Pending | asyncio.Future[Verdict]
"""Whoever waits for a verdict of the journal: a command, or a caller whose change no live game has to judge."""
