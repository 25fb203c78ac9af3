"""The ASGI application: pages by Django, sockets by Channels."""

import gc
import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
pages = get_asgi_application()

from config.bodies import BoundedBodies  # noqa: E402  models load only after Django is set up
from config.private_files import tighten  # noqa: E402  logs, once logging is set up
from games.consumers import GameConsumer  # noqa: E402
from games.runtime import Runtime  # noqa: E402
from games.sockets.base import Refuse  # noqa: E402
from games.storage.database import bound_pages  # noqa: E402
from lobby.consumers import LobbyConsumer  # noqa: E402

tighten(settings.DATA_DIR, settings.DATABASES["default"])

bound_pages()


class Application(ProtocolTypeRouter):
    """The whole site, on any ASGI server."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection or request; the first of them opens the runtime where the server itself did not.

        Daphne has no event of its start, and the `daphne` command nothing of ours beside this application. Nothing is
        awaited before, so that all who come at once find the same one; it lives until the process ends.
        """
        Runtime.open().serve()
        await super().__call__(scope, receive, send)


class Sockets(URLRouter):
    """Channels' router, without its forgiveness: it takes any number of slashes at the start for one."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one handshake; an address that begins with several slashes is none of ours."""
        serve = Refuse.as_asgi() if scope["path"].startswith("//") else super().__call__
        await serve(scope, receive, send)


application = Application(
    {
        "http": BoundedBodies(pages),
        "websocket": Sockets(
            [
                path("ws/games/<str:game_id>/", GameConsumer.as_asgi()),
                path("ws/lobby/", LobbyConsumer.as_asgi()),
                # URLRouter raises for a path that it doesn't know; this answers it quietly.
                re_path(r"", Refuse.as_asgi()),
            ]
        ),
    }
)

# The garbage collector no longer looks at what start-up made: a full collection would walk everything that Django has
# loaded, and moves would wait for it. It is done here, for every ASGI server.
gc.collect()
gc.freeze()
# A collection of young objects stops the loop for a time that grows with their number, so there are few. The next older
# ones are collected every fifth time, before the connections of a busy minute have gathered among them.
gc.set_threshold(5_000, 5, 100)
