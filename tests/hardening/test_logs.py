"""JSON logs: one object a line, with game and connection, and nothing that anybody typed or holds secret."""

import json
import logging
import sys
from pathlib import Path

import pytest

from games.logs import JsonFormatter, enter_connection, place
from games.models import Game
from tests.support.people import Person
from tests.support.servers import running
from tests.support.stories import story
from tests.support.wire import Client


def record(message: str, *arguments: object, error: bool = False) -> dict[str, object]:
    info = None
    if error:
        try:
            raise ValueError("two\nlines")
        except ValueError:
            info = sys.exc_info()
    made = logging.LogRecord("fourline.tests", logging.WARNING, __file__, 1, message, arguments, info)
    line = JsonFormatter().format(made)
    assert "\n" not in line
    found: dict[str, object] = json.loads(line)
    return found


def test_a_line_is_one_object() -> None:
    line = record("lost %d\nof %s", 3, 'a "name"')
    assert line["message"] == 'lost 3\nof a "name"'
    assert (line["level"], line["logger"]) == ("WARNING", "fourline.tests")
    assert str(line["time"]).endswith("+00:00")


def test_an_error_is_in_its_line() -> None:
    assert "ValueError: two\nlines" in str(record("failed", error=True)["error"])


def test_a_line_knows_its_connection_and_game() -> None:
    before = place.set(None)
    try:
        enter_connection({"url_route": {"kwargs": {"game_id": "A9F3QX"}}})
        first = record("x")
        enter_connection({"url_route": {"kwargs": {}}})
        second = record("x")
    finally:
        place.reset(before)
    assert first["game"] == "A9F3QX"
    assert "game" not in second
    assert first["connection"] != second["connection"]


@pytest.mark.parametrize("level", ["DEBUG"])
def test_no_secret_in_the_log(test_database_url: str, tmp_path: Path, game: Game, alice: Person, level: str) -> None:
    secret = "tell-nobody-31415"

    @story
    async def run() -> None:
        headers = {"Authorization": f"Bearer {secret}"}
        path = f"/ws/games/{game.pk}/?token={secret}"
        async with Client(server.ws_url, path, None, additional_headers=headers) as client:
            await client.closed()
        async with alice.at(server, game) as client:
            await client.hear("snapshot")
            await client.say_raw(f'{{"type":"{secret}"}}')
            await client.hear("error")
            client.connection.transport.abort()  # type: ignore[attr-defined]  # a client that is lost

    env = {"LOG_FORMAT": "json", "LOG_LEVEL": level}
    with running("uvicorn", tmp_path, DATABASE_URL=test_database_url, **env) as server:
        run()
        assert server.get(f"/api/games/?participant={secret}") == 200
        assert server.get(f"/nothing/?password={secret}") == 404
    lines = [line for line in server.log.splitlines() if line.startswith("{")]
    for line in lines:
        json.loads(line)
    assert secret not in server.log
    assert str(alice.session) not in server.log
