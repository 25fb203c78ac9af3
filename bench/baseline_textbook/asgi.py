"""Its ASGI application."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.baseline_textbook.settings"
pages = get_asgi_application()

from bench.baseline_textbook.consumers import GameConsumer  # noqa: E402 models load only after Django is set up

routes = [path("ws/games/<int:game_id>/", GameConsumer.as_asgi())]
application = ProtocolTypeRouter(
    {"http": pages, "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(routes)))}
)
