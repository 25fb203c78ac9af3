"""Word that reviews wait, from process to process: whoever has an idle worker begins at once."""

from collections.abc import Callable

from games.layers.broadcast import REVIEWS_GROUP, Broadcast


class Hints:
    """Tells and hears it for one event loop. What gets lost, a look at the store makes up for.

    Args:
        broadcast: over the layer.
        wake: called where reviews wait.
    """

    def __init__(self, broadcast: Broadcast, wake: Callable[[], None]) -> None:
        self._broadcast = broadcast
        self._wake = wake

    def tell(self) -> None:
        """Reviews were queued here."""
        self._wake()
        self._broadcast.reviews_queued()

    async def hear_for_ever(self) -> None:
        """Wake at the word of others."""
        layer = self._broadcast.layer
        channel = await layer.new_channel("reviews")
        await layer.group_add(REVIEWS_GROUP, channel)
        try:
            while True:
                await layer.receive(channel)
                self._wake()
        finally:
            layer.forget_channel(channel)
