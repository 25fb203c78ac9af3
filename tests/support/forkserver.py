"""The process from which `tests.support.forks` forks others: ``python -m tests.support.forkserver FD``.

It has loaded libraries, and nothing that reads a setting or a variable of the environment: those are each fork's own.
It has one thread, no connection and no event loop, which no fork could share. It ends, and its forks with it, when
whoever started it closes the other end of its socket.
"""

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import threading
from typing import Any

LOADED = (
    "OpenSSL.SSL", "cbor2", "cffi.cparser", "channels.auth", "channels.db", "channels.generic.websocket",
    "channels.layers", "channels.routing", "channels_redis.core", "cryptography.x509", "csp.utils",
    "django.contrib.admin", "django.contrib.auth.hashers", "django.contrib.messages.storage.fallback",
    "django.contrib.postgres.fields", "django.contrib.sessions.backends.db", "django.contrib.staticfiles.finders",
    "django.contrib.staticfiles.storage", "django.core.asgi", "django.core.mail.backends.smtp",
    "django.core.management.commands.migrate", "django.core.serializers.json", "django.db.backends.postgresql.base",
    "django.db.backends.sqlite3.base", "django.middleware.clickjacking", "django.middleware.common",
    "django.middleware.security", "django.template.loader_tags", "django.test", "django.views.debug",
    "django.views.generic", "environ", "hyperlink", "limits.aio.strategies", "limits.strategies", "msgspec.json",
    "prometheus_client", "psycopg_pool", "redis.asyncio", "redis.sentinel", "requests", "rest_framework.serializers",
    "segno", "servestatic.middleware", "servestatic.storage", "service_identity", "twisted.application.service",
    "twisted.internet.tcp", "twisted.web.http", "uvicorn", "uvicorn.protocols.http.h11_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl", "uvicorn.server", "uvloop", "websockets", "yaml",
)  # fmt: skip
"""None of them has `django.conf.settings` read, or Twisted's reactor, which is an event loop, made."""
_MOST = 1 << 20
"""Bytes of an order."""
_STREAMS = 3


def load() -> None:
    """Load the libraries.

    Raises:
        RuntimeError: one of them has read settings, or left what a fork can't share.
    """
    for name in LOADED:
        importlib.import_module(name)
    from django.conf import settings

    wrong = [name for name in ("config.settings", "twisted.internet.reactor") if name in sys.modules]
    if wrong or settings.configured or threading.active_count() > 1:
        raise RuntimeError(f"no fork can share this: {wrong} {settings.configured} {threading.enumerate()}")
    gc.collect()
    gc.freeze()


def serve(control: socket.socket) -> dict[str, Any]:
    """Fork processes and tell how they have ended, as asked; returns in each fork alone, with what it is to do.

    Raises:
        SystemExit: nobody asks any more.
    """
    left: set[int] = set()
    while True:
        data, streams, _, _ = socket.recv_fds(control, _MOST, _STREAMS)
        if not data:
            break
        order = json.loads(data)
        if "ended" in order:
            left.discard(order["ended"])
            answer = os.waitstatus_to_exitcode(os.waitpid(order["ended"], 0)[1])
        else:
            answer = os.fork()
            if answer == 0:
                control.close()
                return {**order, "streams": streams}
            left.add(answer)
        for stream in streams:
            os.close(stream)
        control.send(json.dumps(answer).encode())
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    sys.exit()


def become(order: dict[str, Any]) -> None:
    """Be the process that was asked for, up to its end."""
    for number, stream in enumerate(order["streams"]):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    _open_streams(unbuffered=bool(os.environ.get("PYTHONUNBUFFERED")))
    first, *rest = order["arguments"]
    if first == "-m":
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = [first, *rest]
        runpy.run_path(first, run_name="__main__")


def _open_streams(unbuffered: bool) -> None:
    """Standard output and error as Python opens them for a pipe or a file."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        errors = "strict" if name == "stdout" else "backslashreplace"
        stream = open(number, "w", encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115  open to the end
        stream.reconfigure(line_buffering=unbuffered or name == "stderr", write_through=unbuffered)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests, and for their end this one's
    load()
    become(serve(socket.socket(fileno=int(sys.argv[1]))))
