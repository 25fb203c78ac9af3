"""A bot for Fourline: signs in, joins a game that waits or makes one, and plays it to the end.

    python examples/bot.py http://127.0.0.1:8000 NAME PASSWORD [GAME_ID]

Needs `pip install httpx websockets`. Start it twice, with two names, and it plays against itself.
"""

import asyncio
import json
import random
import sys
import time

import httpx
import websockets


class Bot:
    """One player on one server."""

    def __init__(self, url, name, password):
        self.api, self.sockets = (
            httpx.AsyncClient(base_url=url, timeout=10),
            url.replace("http", "ws", 1) + "/ws/games/",
        )
        self.name, self.credentials = name.lower(), {"username": name, "password": password}

    async def call(self, method, path, **options):
        """The API's answer; None for a conflict. Waits while it asks us to, and while the server restarts."""
        while True:
            try:
                response = await self.api.request(method, path, **options)
                if response.is_success or response.status_code == 409:
                    return response.json() if response.is_success else None
                if response.status_code not in (429, 502, 503):
                    raise SystemExit(f"{path}: {response.status_code} {response.text}")
                await asyncio.sleep(int(response.headers.get("Retry-After", 1)))
            except httpx.TransportError:
                await asyncio.sleep(random.uniform(0.5, 1.5))

    async def sign_in(self):
        """A fresh access token: good for 15 minutes, and a connection that is open outlives it."""
        tokens = await self.call("POST", "/api/token/", json=self.credentials)
        self.token = self.api.headers["Authorization"] = f"Bearer {tokens['access']}"

    async def find_game(self):
        """A game of ours that goes on; else one that waits; else a new one, which the later of two takes back."""
        for game in (await self.call("GET", f"/api/games/?state=in-progress&participant={self.name}"))["results"]:
            return game["id"]
        while True:
            waiting = (await self.call("GET", "/api/games/?state=waiting"))["results"]
            mine = next((game for game in waiting if game["participant1"].lower() == self.name), None)
            for game in [game for game in waiting if not mine or game["createTime"] < mine["createTime"]]:
                if mine and not await self.call("POST", f"/api/games/{mine['id']}/cancel/"):
                    return mine["id"]  # somebody has joined it
                mine = None
                if await self.call("POST", f"/api/games/{game['id']}/join/"):
                    return game["id"]
            if mine:
                return mine["id"]
            await self.call("POST", "/api/games/", json={"firstMove": "random"})

    async def play(self, game_id):
        """Play until the game is over, and connect again whenever the connection breaks. Returns the outcome."""
        while True:
            await self.sign_in()
            headers, told = {"Authorization": self.token}, time.monotonic()
            try:
                async with websockets.connect(f"{self.sockets}{game_id}/", additional_headers=headers) as socket:
                    while True:
                        event = json.loads(await socket.recv())
                        if event["type"] not in ("snapshot", "presence"):
                            told = time.monotonic()  # of our turn, perhaps: from here on we think, all before it is lag
                            await socket.send('{"type": "sync"}')  # the whole state anew: simple, and never wrong
                        elif event["type"] == "snapshot" and event["game"]["outcome"]:
                            return event["game"]["outcome"]
                        elif event["type"] == "snapshot" and event["you"] and event["you"] == event["game"]["turn"]:
                            await asyncio.sleep(thinking_time(event["game"]["clock"], event["you"]))
                            move = choose(event["game"]) | {"moveTimeMs": int((time.monotonic() - told) * 1000)}
                            await socket.send(json.dumps(move))
            except (OSError, websockets.WebSocketException) as error:
                code = getattr(getattr(error, "rcvd", None), "code", None)
            if code in (4400, 4401, 4403, 4404):
                raise SystemExit(f"refused: {code}")
            await asyncio.sleep(60 if code in (1008, 4008) else random.uniform(0.2, 1))


def thinking_time(clock, seat):
    """Seconds: a hundredth of what our clock has left, so that it never runs out. None where there are no clocks."""
    return min(0.5, clock["remainingMs"][seat - 1] / 100_000) if clock else 0


def choose(game):
    """A move: a column by chance, those near the middle more often. Make this better!"""
    column = random.choice([column for column in game["legalColumns"] for _ in range(4 - abs(3 - column))])
    return {"type": "play_move", "column": column, "ply": len(game["moves"]) + 1, "version": game["version"]}


async def main(url, name, password, game_id=None):
    bot = Bot(url.rstrip("/"), name, password)
    await bot.sign_in()
    game_id = game_id or await bot.find_game()
    await bot.call("POST", f"/api/games/{game_id}/join/")
    print(f"{name} plays {url}/games/{game_id}/", flush=True)
    print(f"{name} saw it end: {await bot.play(game_id)}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
