"""Plays on the machines as people do: signs up, plays a game and fetches static files, all by nginx and HTTPS.

Run on the first machine, outside Django: ``play.py PROCESS...`` with the addresses of all processes. Prints what is
there: names of static files, and how many connections each process had.
"""

import asyncio
import json
import re
import ssl
import sys
from contextlib import AsyncExitStack
from typing import Any

import httpx
import websockets

SITE = "fourline.example"
CERTIFICATE = f"/etc/letsencrypt/live/{SITE}/fullchain.pem"
WATCHING = 6
"""More connections, so that every process has one."""


async def sign_up(name: str, tls: ssl.SSLContext) -> httpx.AsyncClient:
    """A new account, signed in."""
    person = httpx.AsyncClient(base_url=f"https://{SITE}", verify=tls, follow_redirects=True, timeout=20)
    await press(person, "/accounts/signup/", username=name, password="a long pass phrase of theirs")
    assert person.cookies.get("sessionid"), "not signed in"
    return person


async def press(person: httpx.AsyncClient, path: str, page: str | None = None, **fields: str) -> httpx.Response:
    """Send a page's form."""
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', (await get(person, page or path)).text)
    assert token is not None
    form = {**fields, "csrfmiddlewaretoken": token[1]}
    answer = await person.post(path, data=form, headers={"Referer": f"https://{SITE}{path}"})
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return answer


async def get(person: httpx.AsyncClient, path: str) -> httpx.Response:
    answer = await person.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return answer


async def hear(socket: websockets.ClientConnection, *types: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            event: dict[str, Any] = json.loads(await socket.recv())
            assert event["type"] != "error", event
            if event["type"] in types:
                return event


async def play(people: list[httpx.AsyncClient], tls: ssl.SSLContext, processes: list[str]) -> dict[str, float]:
    """A whole game between two, with others who watch; how many connections each process had meanwhile."""
    made = await press(people[0], "/games/new/", "/", visibility="public", first_move="1")
    game = made.url.path.split("/")[2]
    await press(people[1], f"/join/{game}/")
    async with AsyncExitStack() as stack:
        sockets = []
        for person in (*people, *people[:1] * WATCHING):
            cookie = {"Cookie": f"sessionid={person.cookies['sessionid']}"}
            address = f"wss://{SITE}/ws/games/{game}/"
            connecting = websockets.connect(address, ssl=tls, origin=f"https://{SITE}", additional_headers=cookie)
            sockets.append(await stack.enter_async_context(connecting))
            await hear(sockets[-1], "snapshot")
        for ply, column in enumerate((3, 4, 3, 4, 3, 4, 3), 1):
            await sockets[(ply - 1) % 2].send(json.dumps({"type": "play_move", "column": column, "ply": ply}))
            for socket in sockets:
                assert (await hear(socket, "move_played"))["ply"] == ply
        return {address: await connections(address) for address in processes}


async def connections(process: str) -> float:
    """How many a process has, as its metrics say."""
    async with httpx.AsyncClient() as monitoring:
        text = (await get(monitoring, f"http://{process}/metrics")).text
    found = re.search(r"^fourline_connections (\S+)$", text, re.MULTILINE)
    assert found is not None
    return float(found[1])


async def static_files(person: httpx.AsyncClient) -> list[str]:
    """The files that the page names; all of them answer, by whichever process."""
    names = sorted(set(re.findall(r'(?:href|src)="(/static/[^"#]+)', (await get(person, "/")).text)))
    for name in names * 4:
        await get(person, name)
    return names


async def main(run: str, *processes: str) -> None:
    tls = ssl.create_default_context(cafile=CERTIFICATE)
    people = [await sign_up(f"{name}{run}", tls) for name in ("Alice", "Bob")]
    shared = await play(people, tls, list(processes))
    json.dump({"connections": shared, "files": await static_files(people[0])}, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
