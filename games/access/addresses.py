"""Where a client is, as limits know it.

The address is the connection's own. Behind a proxy the server (uvicorn) has put the forwarded one in its place, and
believes that of the proxies in TRUSTED_PROXIES alone; no header is read here.
"""

import ipaddress
from functools import lru_cache
from typing import Any

from django.http import HttpRequest

IPV6_PREFIX = 64
"""Bits of an IPv6 address that tell customers apart: each has at least 2**64 addresses to choose from."""

UNKNOWN = "unknown"
"""The address of whoever comes by a Unix socket without a proxy's word: all such share their limits."""


def of_scope(scope: dict[str, Any]) -> str:
    """Whose limits count for an ASGI connection.

    Args:
        scope: of HTTP or WebSocket.

    Returns:
        An IPv4 address, the network of an IPv6 address, or `UNKNOWN`.
    """
    client = scope.get("client")
    return _known_as(client[0]) if client else UNKNOWN


def of_request(request: HttpRequest) -> str:
    """`of_scope`, for a Django request."""
    return _known_as(request.META.get("REMOTE_ADDR") or "")


@lru_cache(maxsize=4096)  # a tenth of what else is done for a handshake, and behind a proxy's port always the same few
def _known_as(text: str) -> str:
    """
    >>> _known_as("192.0.2.7"), _known_as("2001:db8:0:1:2:3:4:5"), _known_as("::ffff:192.0.2.7"), _known_as("")
    ('192.0.2.7', '2001:db8:0:1::', '192.0.2.7', 'unknown')
    """
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False).network_address)


def is_near(request: HttpRequest) -> bool:
    """Whether a request comes straight from this machine or a private network: no proxy has handed it on."""
    if "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META:
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR") or "")
    except ValueError:
        return False
    return address.is_loopback or address.is_private
