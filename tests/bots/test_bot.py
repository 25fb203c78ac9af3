"""The example bot, as it stands: against itself, against a person, through a restart of the server."""

import ast
import asyncio
import sys
from pathlib import Path

import msgspec
import pytest

from games.game.standing import MoveTime
from games.models import Game, Move
from lobby.models import User
from tests.support.servers import ROOT, ServerProcess, running
from tests.support.stored_games import store_game
from tests.support.stories import in_store, story
from tests.support.wire import Client, sign_in

BOT = ROOT / "examples" / "bot.py"
PASSWORD = "correct horse 42"


@pytest.fixture(autouse=True)
def _people(transactional_db: None) -> None:
    for name in ("alice", "bob"):
        User.objects.create_user(name, password=PASSWORD)


async def start(server: ServerProcess, name: str, *game_id: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, str(BOT), server.url, name, PASSWORD, *game_id,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def outcome_of(bot: asyncio.subprocess.Process) -> str:
    async with asyncio.timeout(60):
        printed, errors = await bot.communicate()
    assert bot.returncode == 0, errors.decode()
    return printed.decode().splitlines()[-1].partition("saw it end: ")[2]


def test_it_is_short_and_needs_two_libraries() -> None:
    text = BOT.read_text()
    assert len(text.splitlines()) < 110
    imported = {
        alias.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import) for alias in node.names
    }
    assert imported - sys.stdlib_module_names == {"httpx", "websockets"}


@story
async def test_it_plays_against_itself(uvicorn_server: ServerProcess) -> None:
    bots = await asyncio.gather(start(uvicorn_server, "alice"), start(uvicorn_server, "BOB"))
    outcomes = await asyncio.gather(*map(outcome_of, bots))
    assert outcomes[0] == outcomes[1]
    # Both may have made a game at the same instant: one of them is taken back, and only the other was played.
    game = await in_store(Game.objects.exclude(reason="aborted").get)(state="finished")
    assert game.reason in ("four_in_a_row", "board_full")


@story
async def test_it_keeps_within_its_time_and_says_how_long_it_thought(uvicorn_server: ServerProcess) -> None:
    game = await in_store(waiting_game_of)("alice", initial=15, increment=0)
    bots = await asyncio.gather(start(uvicorn_server, "alice", game.pk), start(uvicorn_server, "bob", game.pk))
    await asyncio.gather(*map(outcome_of, bots))
    game = await in_store(Game.objects.get)(pk=game.pk)
    assert game.reason in ("four_in_a_row", "board_full")
    bodies = await in_store(lambda: list(Move.objects.filter(game=game).values_list("body", flat=True)))()
    charges = [msgspec.json.decode(body, type=MoveTime) for body in bodies][2:]
    # It thinks for a tenth of a second and a bit, which is charged; all else is lag, which is not.
    assert all(100 <= charge.charged_ms < 1000 for charge in charges)
    assert any(charge.compensation_ms for charge in charges)


@story
async def test_it_ends_when_its_opponent_in_a_browser_resigns(daphne_server: ServerProcess) -> None:
    bot = await start(daphne_server, "alice")
    await until_games(1)
    game = await in_store(Game.objects.get)()
    person = await in_store(User.objects.get)(username="bob")
    session = await in_store(sign_in)(person)
    await in_store(join_by_page)(daphne_server, game.pk, session)
    async with Client(daphne_server.ws_url, f"/ws/games/{game.pk}/", session) as socket:
        await socket.hear("snapshot")
        await socket.say("resign")
        await socket.hear("game_finished")
    assert "resignation" in await outcome_of(bot)


@story
async def test_it_survives_a_restart_of_the_server(tmp_path: Path, test_database_url: str) -> None:
    with running("uvicorn", tmp_path, DATABASE_URL=test_database_url) as server:
        bot = await start(server, "alice")
        await until_games(1)
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        game = await in_store(Game.objects.get)()
        opponent = await start(server, "bob", game.pk)
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)
        outcomes = await asyncio.gather(outcome_of(bot), outcome_of(opponent))
        assert outcomes[0] == outcomes[1]


def waiting_game_of(name: str, **fields: int) -> Game:
    return store_game(User.objects.get(username=name).player, None, **fields)


async def until_games(count: int) -> None:
    async with asyncio.timeout(30):
        while await in_store(Game.objects.count)() < count:
            await asyncio.sleep(0.05)


def join_by_page(server: ServerProcess, game_id: str, session: str) -> None:
    import httpx

    token = "c" * 32
    cookies = {"sessionid": session, "csrftoken": token}
    answer = httpx.post(f"{server.url}/join/{game_id}/", cookies=cookies, headers={"X-CSRFToken": token})
    assert answer.status_code == 302
