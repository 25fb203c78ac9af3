"""Which groups an event loop hears at one Redis or Valkey server, and how far each subscription has come."""

import asyncio

SUBSCRIBE_WITHIN = 0.5
"""Seconds that a newcomer waits for the group's subscription."""
LINGER = 5.0
"""Seconds for which a group is still heard after its last member left: people reload pages."""


class _Subscription:
    """A group that is heard, or about to be."""

    __slots__ = ("answered", "idle_since", "is_late", "members", "outstanding")

    def __init__(self, answered: asyncio.Future[None]) -> None:
        self.members = 0
        self.idle_since = 0.0
        self.outstanding = 0
        """SUBSCRIBEs that the server has not confirmed yet."""
        self.answered = answered
        """Done when the subscription stands, or the server is known to be away."""
        self.is_late = False
        """Whether somebody gave up waiting for it, and may have missed something."""


class Subscriptions:
    """The groups of one event loop at one server; whoever holds the connection sends the commands."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._groups: dict[str, _Subscription] = {}
        self._new: list[str] = []
        self._awaited = 0
        """SUBSCRIBEs, over all groups, that the server has not confirmed yet."""
        self._is_away = False
        self.is_renewing = True
        """Whether not everything is heard yet after connecting (again)."""

    def add(self, group: str) -> None:
        """One more member hears a group."""
        subscription = self._groups.get(group)
        if subscription is None:
            subscription = self._groups[group] = _Subscription(self._loop.create_future())
            if self._is_away:
                subscription.answered.set_result(None)
            else:
                self._new.append(group)
        subscription.members += 1

    async def stands(self, group: str) -> None:
        """Wait until a group is heard, or known not to be; `SUBSCRIBE_WITHIN` seconds at most."""
        subscription = self._groups.get(group)
        if subscription is None or subscription.answered.done():
            return
        await asyncio.wait([subscription.answered], timeout=SUBSCRIBE_WITHIN)
        if not subscription.answered.done():
            subscription.is_late = True

    def discard(self, group: str) -> None:
        """A member no longer hears a group."""
        subscription = self._groups.get(group)
        if subscription is not None:
            subscription.members -= 1
            subscription.idle_since = self._loop.time()

    @property
    def is_asked(self) -> bool:
        """Whether there are groups to subscribe to."""
        return bool(self._new)

    def begin(self) -> None:
        """The server is here: everything is to be subscribed to (again)."""
        for subscription in self._groups.values():
            subscription.outstanding = 0
            if subscription.answered.done():
                subscription.answered = self._loop.create_future()
        self._new = list(self._groups)
        self._awaited = 0
        self._is_away = False
        self.is_renewing = True

    def lose(self) -> None:
        """The server is away: nobody waits for it."""
        self._is_away = True
        self._new.clear()
        for group, subscription in tuple(self._groups.items()):
            if not subscription.members:
                del self._groups[group]
            elif not subscription.answered.done():
                subscription.answered.set_result(None)

    def take_new(self) -> list[str]:
        """The groups to subscribe to now."""
        groups = [group for group in dict.fromkeys(self._new) if group in self._groups]
        self._new.clear()
        for group in groups:
            self._groups[group].outstanding += 1
        self._awaited += len(groups)
        return groups

    def take_idle(self) -> list[str]:
        """The groups to unsubscribe from now: the last member left `LINGER` seconds ago."""
        before = self._loop.time() - LINGER
        idle = [
            group
            for group, subscription in self._groups.items()
            if not subscription.members and not subscription.outstanding and subscription.idle_since < before
        ]
        for group in idle:
            del self._groups[group]
        return idle

    def confirm(self, group: str) -> frozenset[str]:
        """The server says that a group is heard.

        Returns:
            The groups that may have missed something and are heard now.
        """
        self._awaited -= 1
        subscription = self._groups[group]  # one that is awaited is never dropped
        subscription.outstanding -= 1
        if subscription.outstanding or subscription.answered.done():
            return frozenset()
        subscription.answered.set_result(None)
        missed = frozenset([group]) if subscription.is_late and not self.is_renewing else frozenset()
        subscription.is_late = False
        return missed

    def renewed(self) -> frozenset[str] | None:
        """All groups, once after connecting (again), when all of them are heard; else None."""
        if not self.is_renewing or self._new or self._awaited:
            return None
        self.is_renewing = False
        return frozenset(self._groups)
