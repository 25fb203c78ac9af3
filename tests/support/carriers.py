"""Valkey servers that carry a layer's messages."""

import signal
from pathlib import Path

from deploy.local.programs import wait_for_port
from deploy.local.valkey import Valkey
from tests.support.servers import free_port
from tests.support.services import Service


class Carrier:
    """A Valkey server of a test."""

    def __init__(self, folder: Path) -> None:
        server = Valkey(folder, free_port())
        server.prepare()
        self.url = server.url
        self._port = server.port
        self._service = Service(server.command, folder / "valkey.log")

    def start(self) -> None:
        self._service.start()
        wait_for_port(self._port)

    def kill(self) -> None:
        self._service.stop(signal.SIGKILL)

    def freeze(self) -> None:
        self._service.tell(signal.SIGSTOP)

    def end(self) -> None:
        if self._service.process is not None and self._service.process.poll() is None:
            self.kill()
