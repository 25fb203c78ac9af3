"""The servers that the benchmark compares."""

import sys
from collections.abc import Mapping

from bench.plans import OnDemand, Reserved
from bench.servers import Candidate

DEFAULT = ["websockets", "textbook", "daphne", "uvicorn", "clocked"]
PEERS = ["postgresql", "boardgameio", "colyseus"]

RAISED_LIMITS = {
    "PLAYER_MESSAGES_PER_20_S": "1000000",
    "SOCKETS_PER_ADDRESS": "20000",
    "HANDSHAKES_PER_ADDRESS_PER_MINUTE": "1000000",
}
"""Limits on clients that are too low for one that has a single address and plays as fast as it can: environment of our
servers, printed."""

_PYTHON = sys.executable
_DAPHNE = [_PYTHON, "-m", "daphne", "-b", "127.0.0.1", "-p", "{port}"]
_SERVE = [_PYTHON, "manage.py", "serve"]
PREPARE = [_PYTHON, "-m", "bench.prepare"]
"""Makes games in the database of a server of ours."""
_PEERS_CAN = frozenset({"saturation", "fixed", "fanout"})


def candidates(limits: Mapping[str, str]) -> dict[str, Candidate]:
    """All candidates by name, in the order of the tables.

    Args:
        limits: the environment that raises our servers' limits on clients.
    """
    listed = [
        Candidate(
            "websockets",
            "websockets library, in memory",
            [_PYTHON, "-m", "bench.baseline_websockets", "--port", "{port}", "--loop", "{loop}"],
        ),
        Candidate(
            "textbook",
            "textbook Channels on Daphne",
            [*_DAPHNE, "bench.baseline_textbook.asgi:application"],
            stores="SQLite FULL",
            prepare=[_PYTHON, "-m", "bench.baseline_textbook.prepare"],
        ),
        Candidate(
            "daphne",
            "Fourline on Daphne",
            [*_DAPHNE, "config.asgi:application"],
            stores="SQLite FULL",
            prepare=PREPARE,
            environment=limits,
        ),
        Candidate("uvicorn", "Fourline on uvicorn", _SERVE, "SQLite FULL", prepare=PREPARE, environment=limits),
        Candidate(
            "clocked",
            "the same, games with clocks",
            _SERVE,
            stores="SQLite FULL",
            prepare=[*PREPARE, "--clocked"],
            environment=limits,
            scenarios=frozenset({"saturation", "fixed"}),
        ),
        Candidate(
            "postgresql",
            "Fourline on uvicorn, PostgreSQL",
            _SERVE,
            stores="PostgreSQL",
            prepare=PREPARE,
            environment=limits,
            scenarios=frozenset({"saturation", "fixed"}),
            needs_postgres=True,
        ),
        Candidate(
            "boardgameio",
            "boardgame.io",
            ["node", "bench/peers/boardgameio.mjs", "{port}"],
            games=lambda port: OnDemand("/socket.io/?EIO=4&transport=websocket&match={game}&seat={seat}"),
            dialect="boardgameio",
            scenarios=_PEERS_CAN,
        ),
        Candidate(
            "colyseus",
            "Colyseus",
            ["node", "bench/peers/colyseus.mjs", "{port}"],
            games=Reserved,
            dialect="colyseus",
            scenarios=_PEERS_CAN,
        ),
    ]
    return {candidate.name: candidate for candidate in listed}
