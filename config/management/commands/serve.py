"""``manage.py serve``: the production server."""

import contextlib
import errno
import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import server


class Command(BaseCommand):
    """Serve Fourline with uvicorn, until SIGTERM or SIGINT, and then drain."""

    help = "Serve Fourline in production (uvicorn). PORT, HOST and DRAIN_SECONDS come from the environment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Host and port, for whoever prefers arguments."""
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        """Serve; returns when the server has drained."""
        listener = _listen(host, port)
        config = server.config(host, port, settings.TRUSTED_PROXIES)
        self.stdout.write(f"Fourline serves {settings.PUBLIC_URL or f'http://{host}:{port}'}")
        self.stdout.flush()
        # Once it has ended in order, uvicorn raises the signal again that ended it.
        with contextlib.suppress(KeyboardInterrupt):
            server.Server(config, settings.DRAIN_SECONDS).run([listener])


def _listen(host: str, port: int) -> socket.socket:
    """A socket with its address, taken before anything is loaded, so that a taken port is one clear line.

    It listens only when uvicorn is ready: a balancer would take a process that still loads for an idle one.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise CommandError(f"port {port} is taken; choose another: PORT=9000 make serve") from None
        raise CommandError(f"can't listen on {host}:{port}: {error.strerror}") from None
    listener.setblocking(False)
    return listener
