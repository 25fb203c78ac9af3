"""Signs of life for whoever supervises the process: systemd, or `make cluster`.

systemd's own protocol (sd_notify(3)): datagrams to the socket that ``NOTIFY_SOCKET`` names. A process that stops giving
them, because it is stopped or its event loop hangs, is killed and started again; until then the kernel keeps its
connections open, and everybody on them waits.
"""

import contextlib
import os
import socket

READY = "READY=1"
"""It listens."""
ALIVE = "WATCHDOG=1"
"""The event loop turns."""
STOPPING = "STOPPING=1"
"""It drains, and ends then."""


class Notifier:
    """Tells whoever started this process, where that is somebody who wants to hear of it.

    Args:
        address: ``NOTIFY_SOCKET``: a path, or with ``@`` in front a name of Linux's abstract ones; None for nobody.
    """

    def __init__(self, address: str | None) -> None:
        self._address = address and (f"\0{address[1:]}" if address.startswith("@") else address)
        self._socket: socket.socket | None = None

    @classmethod
    def of_environment(cls) -> "Notifier":
        """To whom the environment says. Programs that we start in turn are none of its business."""
        return cls(os.environ.pop("NOTIFY_SOCKET", None))

    def tell(self, word: str) -> None:
        """Send one of this module's words; a supervisor that doesn't listen is not waited for."""
        if self._address is None:
            return
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)
        with contextlib.suppress(OSError):
            self._socket.sendto(word.encode(), self._address)
