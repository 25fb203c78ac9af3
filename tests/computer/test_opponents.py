"""A person plays the computer: over the API and the socket of a real server."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from games.computer.opponents.opponents import THOUGHT
from games.computer.play.levels import LEVELS
from games.game.names import COMPUTER_NAMES
from games.models import Game, Player
from games.rules.board import Position
from tests.support.people import Person, person, token_of
from tests.support.servers import ServerProcess, running
from tests.support.stored_games import player, store_game
from tests.support.wire import Client

WITHIN = 60.0
"""Seconds that a test waits for an answer."""
BLITZ = {"initial": 60, "increment": 0}


@pytest.fixture(scope="module")
def thinking_server(test_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("thinking")
    with running("uvicorn", folder, DATABASE_URL=test_database_url, COMPUTER_WORKERS="1") as server:
        yield server


@pytest.fixture
def alice(transactional_db: None, thinking_server: ServerProcess) -> Person:
    return person("alice")


def call(server: ServerProcess, someone: Person, path: str, **body: Any) -> tuple[int, Any]:
    """Post to the API."""
    headers = {"Authorization": f"Bearer {token_of(someone)}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{server.url}/api/games/{path}", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=WITHIN) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def start(server: ServerProcess, someone: Person, level: int, **terms: Any) -> dict[str, Any]:
    status, game = call(server, someone, "", computer=level, **terms)
    assert status == 201, game
    found: dict[str, Any] = game
    return found


async def computers_ply(client: Client) -> dict[str, Any]:
    """The computer's next move."""
    while (event := await client.hear("move_played"))["participant"] != 2:
        pass
    return event


# --- making one -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", range(1, 9))
def test_a_game_against_each_level_starts_at_once(thinking_server: ServerProcess, alice: Person, level: int) -> None:
    game = start(thinking_server, alice, level, firstMove=2, timeControl=BLITZ, visibility="private")
    assert (game["state"], game["version"], game["visibility"], game["rated"]) == ("in-progress", 1, "private", False)
    assert game["players"][1] | {"name": ""} == {
        "name": "", "computer": level, "guest": False, "bot": False, "rating": None, "provisional": False,
        "ratingChange": None,
    }  # fmt: skip
    assert game["participant2"] == LEVELS[level - 1].name
    assert game["takebacks"] is (level < 8)
    assert game["timeControl"] == BLITZ


def test_an_opening_of_the_ballot(thinking_server: ServerProcess, alice: Person) -> None:
    game = start(thinking_server, alice, 3, opening="ballot", firstMove=2)
    assert (game["openingPlies"], game["turn"]) == (4, 2)
    assert len(game["moves"]) == 4


@pytest.mark.parametrize("computer", [0, 9, "3", 3.0, True, None, -1])
def test_no_such_level(thinking_server: ServerProcess, alice: Person, computer: Any) -> None:
    status, refusal = call(thinking_server, alice, "", computer=computer)
    assert (status, refusal["code"]) == (400, "invalid_request")
    assert not Game.objects.exists()


def test_not_together_with_an_opponent(thinking_server: ServerProcess, alice: Person) -> None:
    player("bob")
    status, refusal = call(thinking_server, alice, "", computer=3, opponent="bob")
    assert (status, refusal["code"]) == (400, "invalid_request")


def test_not_rated(thinking_server: ServerProcess, alice: Person) -> None:
    status, refusal = call(thinking_server, alice, "", computer=3, rated=True, timeControl=BLITZ)
    assert (status, refusal["code"]) == (409, "not_rated")


def test_whoever_plays_by_the_clock_gets_no_strong_one(thinking_server: ServerProcess, alice: Person) -> None:
    assert alice.player is not None
    store_game(alice.player, player("bob"), "4", **BLITZ)
    for level, expected in ((5, 409), (8, 409), (4, 201)):
        status, answer = call(thinking_server, alice, "", computer=level)
        assert status == expected
        assert answer.get("code", "game_in_progress") == "game_in_progress"


def test_names_are_those_of_the_levels_and_reserved() -> None:
    assert tuple(level.name for level in LEVELS) == COMPUTER_NAMES


def test_an_account_keeps_its_name(thinking_server: ServerProcess, alice: Person) -> None:
    Player.objects.filter(computer=1).delete()
    mine = player("noVICE")
    game = start(thinking_server, alice, 1)
    assert game["participant2"] == "Novice-2"
    assert start(thinking_server, alice, 1)["participant2"] == "Novice-2"
    mine.refresh_from_db()
    assert (mine.name, mine.computer) == ("noVICE", None)


# --- playing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [1, 4, 8])
def test_a_whole_game_and_its_rematch(thinking_server: ServerProcess, alice: Person, level: int) -> None:
    game = start(thinking_server, alice, level)

    async def story() -> None:
        async with alice.at(thinking_server, game["id"]) as client:
            columns: list[int] = []
            outcome = None
            while outcome is None:
                column = Position.from_columns(columns).legal_columns[len(columns) % 3 - 1]
                began = time.monotonic()
                mine = await client.play(column, len(columns) + 1)
                columns.append(column)
                outcome = mine["outcome"]
                if outcome is None:
                    theirs = await computers_ply(client)
                    assert theirs["ply"] == len(columns) + 1
                    assert time.monotonic() - began >= THOUGHT[0]
                    columns.append(theirs["column"])
                    outcome = theirs["outcome"]
            assert await client.hear("review_ready")
            await client.say("offer_rematch")
            second = (await client.hear("rematch_started"))["game"]
        async with alice.at(thinking_server, second) as client:
            snapshot = await client.hear("snapshot")
            assert (snapshot["you"], snapshot["game"]["players"][0]["computer"]) == (2, level)
            while not snapshot["game"]["moves"]:  # participant 1, the computer now, moves first
                await client.hear("move_played")
                await client.say("sync")
                snapshot = await client.hear("snapshot")

    asyncio.run(story())


def test_the_computer_moves_first_and_is_always_there(thinking_server: ServerProcess, alice: Person) -> None:
    game = start(thinking_server, alice, 2, firstMove=2)

    async def story() -> None:
        async with alice.at(thinking_server, game["id"]) as client:
            presence = await client.hear("presence")
            assert (presence["participant1"], presence["participant2"], presence["claim"]) == (True, True, None)
            await client.say("sync")
            if not (await client.hear("snapshot"))["game"]["moves"]:
                assert (await computers_ply(client))["ply"] == 1
            assert await client.refused("claim", result="draw") == "nothing_to_claim"

    asyncio.run(story())


def test_it_never_loses_by_the_clock(thinking_server: ServerProcess, alice: Person) -> None:
    game = start(thinking_server, alice, 3, firstMove=2, timeControl={"initial": 15, "increment": 0})

    async def story() -> None:
        async with alice.at(thinking_server, game["id"]) as client:
            await client.say("sync")
            columns = (await client.hear("snapshot"))["game"]["moves"]
            while True:
                if not len(columns) % 2:
                    event = await computers_ply(client)
                else:
                    position = Position.from_columns(columns)
                    event = await client.play(position.legal_columns[-1], len(columns) + 1)
                columns = [*columns, event["column"]]
                if event["outcome"] is not None:
                    assert event["clock"]["remainingMs"][1] > 1_000
                    assert event["outcome"]["reason"] in ("four_in_a_row", "board_full")
                    return

    asyncio.run(story())


# --- offers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [1, 7])
def test_takebacks_are_allowed_below_the_strongest(thinking_server: ServerProcess, alice: Person, level: int) -> None:
    game = start(thinking_server, alice, level)

    async def story() -> None:
        async with alice.at(thinking_server, game["id"]) as client:
            await client.play(3, 1)
            await computers_ply(client)
            await client.say("offer_takeback")
            back = await client.hear("moves_taken_back")
            assert (back["plies"], back["game"]["moves"], back["game"]["turn"]) == (2, [], 1)
            await client.say("play_move", column=2, ply=1, version=back["version"])
            assert (await computers_ply(client))["ply"] == 2

    asyncio.run(story())


def test_the_strongest_takes_nothing_back(thinking_server: ServerProcess, alice: Person) -> None:
    game = start(thinking_server, alice, 8)

    async def story() -> None:
        async with alice.at(thinking_server, game["id"]) as client:
            await client.play(3, 1)
            assert await client.refused("offer_takeback") == "takeback_unavailable"

    asyncio.run(story())


@pytest.mark.parametrize(("notation", "is_drawn"), [("1122", True), ("44", False)])
def test_a_draw_is_agreed_to_where_the_board_is_one(
    thinking_server: ServerProcess, alice: Person, notation: str, is_drawn: bool
) -> None:
    assert alice.player is not None
    start(thinking_server, alice, 2)
    computer = Player.objects.get(computer=2)
    game = store_game(alice.player, computer, notation)

    async def story() -> None:
        async with alice.at(thinking_server, game) as client:
            await client.say("offer_draw")
            event = await client.hear("draw_declined", "game_finished")
            assert event["type"] == ("game_finished" if is_drawn else "draw_declined")
            assert not is_drawn or event["outcome"] == {"winner": None, "reason": "agreement", "line": None}

    asyncio.run(story())


# --- what is missing ----------------------------------------------------------------------------------------------


def test_without_a_book_the_strong_ones_are_not_to_be_had(
    test_database_url: str, transactional_db: None, tmp_path: Path
) -> None:
    alice = person("alice")
    (tmp_path / "sitecustomize.py").write_text(
        "import games.computer.solver.engine as e\n"
        "from pathlib import Path\n"
        "e.installed_book = lambda: Path('/nonexistent/book')\n"
    )
    path = f"{tmp_path}:{Path(__file__).parents[2]}"
    env = {"DATABASE_URL": test_database_url, "COMPUTER_WORKERS": "1", "PYTHONPATH": path}
    with running("uvicorn", tmp_path, **env) as server:
        for level in (7, 8):
            status, refusal = call(server, alice, "", computer=level)
            assert (status, refusal["code"]) == (503, "computer_unavailable")
        assert start(server, alice, 6)["players"][1]["computer"] == 6
        finished = store_game(
            alice.player, player("bob"), "44", state="finished", reason="resignation", winner=1, end_time=timezone.now()
        )
        request = urllib.request.Request(f"{server.url}/api/games/{finished.pk}/review/position/?moves=44")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=WITHIN)
        with refused.value as answer:
            assert answer.code == 503


def test_without_workers_there_is_no_computer(uvicorn_server: ServerProcess, transactional_db: None) -> None:
    status, refusal = call(uvicorn_server, person("alice"), "", computer=1)
    assert (status, refusal["code"]) == (503, "computer_unavailable")
