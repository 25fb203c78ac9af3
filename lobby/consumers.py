"""`LobbyConsumer`: one open lobby. The hub knows what is listed; this sends it."""

import logging

from django.conf import settings
from django.utils import timezone
from msgspec import UNSET

from games import protocol
from games.protocol import CancelSeek, ErrorCode, GameError, LobbyCommand, LobbyPong, Ping, Seek, timestamp
from games.sockets.base import Socket
from games.sockets.sending import lost
from lobby.live_list.hub import Hub
from lobby.live_list.listener import Listener
from lobby.pairing.desk import Desk
from lobby.pairing.people import By

log = logging.getLogger("fourline.sockets")


class LobbyConsumer(Socket[LobbyCommand]):
    """Games that wait, games being played, and one's own, as they come, change and go; and what concerns oneself.

    With ``?lists=none`` only the last: for pages that show no lists.
    """

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
        self._news = hub.join(self.identity.player_id, has_lists=self.scope["query_string"] != b"lists=none")
        self._is_joined = True
        await hub.admit(self._news)
        await self.send_text(await self._news.next())

    async def disconnect(self, code: int) -> None:
        """Listen no more."""
        if self._is_joined:
            self._news.leave()

    async def receive_json(self, command: LobbyCommand) -> None:
        """Answer a ping; a snapshot goes the way of all news, so that it can't overtake any."""
        match command:
            case Ping():
                pong = LobbyPong(server_time=timestamp(timezone.now()))
                await self.send_text(protocol.answering(pong, command))
            case Seek():
                await Desk.here().seek(self._player_id, command, self._by(command))
            case CancelSeek():
                await Desk.here().cancel(self._player_id, self._by(command))
            case _:
                self._news.ask(command)

    def _by(self, command: LobbyCommand) -> By:
        return self._news.token, None if command.id is UNSET else command.id

    @property
    def _player_id(self) -> int:
        """Whose lobby it is.

        Raises:
            GameError: ``unauthenticated``, nobody's.
        """
        if self.identity.player_id is None:
            raise GameError(ErrorCode.UNAUTHENTICATED)
        return self.identity.player_id

    async def _listen(self) -> None:
        """Send the news, until the connection ends."""
        try:
            while True:
                await self.send_text(await self._news.next())
        except lost() as error:
            log.debug("a client was lost: %s", error)
