"""``manage.py run``: migrate, then serve through Daphne on this machine or the local network; what `make run` calls."""

import ipaddress
import os
import socket
import sys
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server as DaphneServer
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError
from twisted.python.failure import Failure


class Server(DaphneServer):
    """Daphne, remembering why it could not listen; the stock one logs it and ends as if all were well."""

    why_not: BaseException | None = None

    def listen_error(self, failure: Failure) -> None:
        """Keep the reason; nothing was started yet that would need an end."""
        self.why_not = failure.value
        self.stop()


class Command(BaseCommand):
    """See the module's text."""

    help = "Migrates and serves Fourline for development: HOST (127.0.0.1) and PORT (8000) from the environment."

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until Ctrl-C; one line and status 1 where that can't be done."""
        host, port = host_from(os.environ.get("HOST", "")), port_from(os.environ.get("PORT", ""))
        shown = reachable_at(host)
        settings.ALLOWED_HOSTS.extend({shown, host, socket.gethostname().lower()} - set(settings.ALLOWED_HOSTS))
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except DatabaseError as error:
            sys.exit(f"fourline: the database does not answer: {str(error).splitlines()[0]}")
        serve(host, port, f"http://{_bracketed(shown)}:{port}")


def host_from(text: str) -> str:
    """The address to listen on.

    Args:
        text: a name or an address; empty for loopback.

    Raises:
        SystemExit: this machine can't tell what address it means; with the line to show.
    """
    try:
        return str(socket.getaddrinfo(text or "127.0.0.1", None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        sys.exit(f"fourline: HOST={text} is no address of this machine: {error.strerror}.")


def port_from(text: str) -> int:
    """The port to listen on.

    Args:
        text: digits; empty for 8000.

    Raises:
        SystemExit: it is no port; with the line to show.
    """
    if not text:
        return 8000
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    sys.exit(f"fourline: PORT must be a number from 1 to 65535, not {text!r}.")


def reachable_at(host: str) -> str:
    """The address by which others reach a server that listens on ``host``.

    Args:
        host: an IP address; the unspecified one (0.0.0.0 or ::) means every network of this machine.
    """
    if not ipaddress.ip_address(host).is_unspecified:
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Sends nothing: connecting a datagram socket only asks the system which of its addresses it would use
            # for the way out (192.0.2.1 is kept free for examples by RFC 5737).
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:  # no network at all
            return "127.0.0.1"


def serve(host: str, port: int, address: str) -> None:
    """Run Daphne until it is told to end.

    Args:
        host: the IP address to listen on.
        port: 1 to 65535.
        address: how people reach it, for the line that says so.

    Raises:
        SystemExit: the port is taken or not allowed; with the line to show.
    """
    from config.asgi import application  # builds the application: only now, with the database as it must be

    server = Server(
        application=application,
        endpoints=build_endpoint_description_strings(host=host, port=port),
        ready_callable=lambda: print(f"Fourline is at {address} (Ctrl-C ends it)", flush=True),
        server_name="fourline",
    )
    server.run()
    if server.why_not is not None:
        reason = getattr(server.why_not, "socketError", server.why_not)
        why = getattr(reason, "strerror", None) or str(reason)
        sys.exit(f"fourline: cannot listen on {host} port {port}: {why}. Another one: PORT={port % 65535 + 1} make run")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
