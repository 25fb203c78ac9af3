"""``manage.py run``: migrate, then serve through Daphne on this machine or the local network; what `make run` calls."""

import ipaddress
import socket
import sys
from typing import Any

from channels.routing import get_default_application
from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server as DaphneServer
from daphne.server import twisted_loop
from django.conf import settings
from django.core.management.base import BaseCommand
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from config.daphne_requests import BoundedRequest
from config.daphne_sockets import BoundedSocket
from config.management.commands.prepare import migrate
from games.runtime import Runtime

REQUEST_WITHIN = 20.0
"""Seconds in which a request has to be whole, from the connection or the answer before it on."""


class Server(DaphneServer):
    """Daphne, with an end and a failure that can be heard, and with bounded requests.

    The stock one logs that it can't listen and exits as if all were well, and ends by cancelling whatever runs.
    """

    why_not: BaseException | None = None

    def listen_error(self, failure: Failure) -> None:
        """Keep the reason; nothing was started yet that would need an end."""
        self.why_not = failure.value
        self.stop()

    def listen_success(self, port: Any) -> None:
        """Before the first connection: requests and sockets of ours, in place of those that Daphne's factories name."""
        build = self.http_factory.buildProtocol
        self.http_factory.timeOut = REQUEST_WITHIN
        self.ws_factory.protocol = BoundedSocket

        def build_bounded(address: Any) -> Any:
            channel = build(address)
            channel.requestFactory = BoundedRequest
            channel._channel.resetTimeout = lambda: None  # a byte now and then doesn't start the time again
            return channel

        self.http_factory.buildProtocol = build_bounded
        super().listen_success(port)

    def kill_all_applications(self) -> Deferred[Any]:
        """Store and answer what is under way and say goodbye; then what Daphne does at its end."""
        farewell = Deferred.fromFuture(twisted_loop.create_task(_farewell()))
        return farewell.addBoth(lambda _: super(Server, self).kill_all_applications())


async def _farewell() -> None:
    here = Runtime.here()
    here.connections.is_draining = True
    await here.registry.settle()
    await here.connections.drain()
    await here.close()


class Command(BaseCommand):
    """See the module's text."""

    help = "Migrates and serves Fourline for development: HOST (127.0.0.1) and PORT (8000) from the environment."

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until Ctrl-C; one line and status 1 where that can't be done."""
        host = address_of(settings.HOST)
        shown = reachable_at(host)
        settings.ALLOWED_HOSTS.extend({_bracketed(shown), _bracketed(host)} - set(settings.ALLOWED_HOSTS))
        migrate()
        serve(host, settings.PORT, f"http://{_bracketed(shown)}:{settings.PORT}")


def address_of(name: str) -> str:
    """The address to listen on.

    Args:
        name: a host's name or address.

    Raises:
        SystemExit: nothing is known by that name; with the line to show.
    """
    try:
        return str(socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        sys.exit(f"fourline: HOST={name} is no address: {error.strerror}.")


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
    server = Server(
        application=get_default_application(),
        endpoints=build_endpoint_description_strings(host=host, port=port),
        ready_callable=lambda: print(f"Fourline is at {address} (Ctrl-C ends it)", flush=True),
        server_name="fourline",
    )
    twisted_loop.call_soon(lambda: Runtime.open().serve())  # it lives as long as the server
    server.run()
    if server.why_not is not None:
        reason = getattr(server.why_not, "socketError", server.why_not)
        why = getattr(reason, "strerror", None) or str(reason)
        sys.exit(f"fourline: cannot listen on {host} port {port}: {why}. Another one: PORT={port % 65535 + 1} make run")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
