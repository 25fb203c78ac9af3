"""`LobbyConsumer`: one open lobby. The hub knows what is listed; this sends it."""

import logging

from django.conf import settings
from django.utils import timezone

from games import protocol
from games.protocol import LobbyCommand, LobbyPong, Ping, timestamp
from games.sockets.base import Socket
from games.sockets.sending import Closed
from lobby.live_list.hub import Hub
from lobby.live_list.listener import Listener

log = logging.getLogger("fourline.sockets")


class LobbyConsumer(Socket[LobbyCommand]):
    """Games that wait, games being played, and one's own, as they come, change and go."""

    parse = staticmethod(protocol.parse_lobby_command)

    _news: Listener
    """Once connected."""
    _is_joined = False

    def allowance(self) -> tuple[int, float]:
        """What a lobby may say."""
        return settings.LOBBY_MESSAGES

    async def connect(self) -> None:
        """Listen to the hub; begin with its snapshot."""
        hub = Hub.here()
        self._news = hub.join(self.identity.player_id)
        self._is_joined = True
        await hub.admit(self._news)
        await self.send_text(await self._news.next())

    async def disconnect(self, code: int) -> None:
        """Listen no more."""
        if self._is_joined:
            self._news.leave()

    async def receive_json(self, command: LobbyCommand) -> None:
        """Answer a ping; a snapshot goes the way of all news, so that it can't overtake any."""
        if isinstance(command, Ping):
            pong = LobbyPong(server_time=timestamp(timezone.now()))
            await self.send_text(protocol.answering(pong, command))
        else:
            self._news.ask(command)

    async def _listen(self) -> None:
        """Send the news, until the connection ends."""
        try:
            while True:
                await self.send_text(await self._news.next())
        except (Closed, OSError) as error:
            log.debug("a client was lost: %s", error)
