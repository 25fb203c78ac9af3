"""Pages of rated games that are left while the game goes on are counted, once a turn, and nothing is said of others."""

import secrets
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.e2e.people import Person
from tests.support.servers import ServerProcess

pytestmark = pytest.mark.needs("chromium", "playwright")
LONG = {"time": "3d"}
"""Nobody has to be quick."""

COUNTED_WITHIN = 60.0
"""Seconds, on a busy machine."""

HIDE = """isHidden => {
  Object.defineProperty(document, "visibilityState", { value: isHidden ? "hidden" : "visible", configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
"""A browser without windows never hides a page by itself."""


def look_away(one: Person) -> None:
    """Go to another tab and come back."""
    for is_hidden in (True, False):
        one.page.evaluate(HIDE, is_hidden)


def counted(server: ServerProcess, game_id: str) -> dict[int, tuple[int, int]]:
    """For each seat during how many turns of one's own, and of the other's, the page was left."""
    with closing(sqlite3.connect(server.folder / "e2e.sqlite3")) as store:
        rows = store.execute("SELECT seat, own, other FROM honesty_pageleaving WHERE game_id = ?", [game_id])
        return {seat: (own, other) for seat, own, other in rows}


def expect_counted(server: ServerProcess, game_id: str, expected: dict[int, tuple[int, int]]) -> None:
    """Wait until so much is counted."""
    end = time.monotonic() + COUNTED_WITHIN
    while (found := counted(server, game_id)) != expected:
        assert time.monotonic() < end, found
        time.sleep(0.1)


def begin(first: Person, second: Person, **fields: str) -> str:
    game_id = first.create_game(**LONG, **fields)
    second.join(game_id)
    for one in (first, second):
        one.open_game(game_id)
    return game_id


def test_leaving_the_page_of_a_rated_game_is_counted_once_a_turn(
    person: Callable[..., Person], server_process: ServerProcess
) -> None:
    first, second = person(None), person(None)
    for one in (first, second):
        one.sign_up(f"leaves-{secrets.token_hex(4)}")
    game_id = begin(first, second, rated="yes")
    for one in (first, first, second):
        look_away(one)
    expect_counted(server_process, game_id, {1: (1, 0), 2: (0, 1)})
    first.play(4)
    second.expect_moves(5)
    look_away(second)
    expect_counted(server_process, game_id, {1: (1, 0), 2: (1, 1)})
    look_away(first)
    expect_counted(server_process, game_id, {1: (1, 1), 2: (1, 1)})
    first.page.get_by_role("button", name="Abort").click()
    second.page.locator("main[data-state=finished]").wait_for()
    look_away(second)
    second.page.reload()
    second.expect_connected()
    assert counted(server_process, game_id) == {1: (1, 1), 2: (1, 1)}


def test_pages_of_unrated_games_and_of_spectators_say_nothing(
    person: Callable[..., Person], server_process: ServerProcess
) -> None:
    first, second, third = person(None), person(None), person("alice")
    sent: list[str] = []
    for one in (first, third):
        one.page.on("websocket", lambda line: line.on("framesent", lambda text: sent.append(str(text))))
    game_id = begin(first, second)
    third.open_game(game_id)
    look_away(first)
    look_away(third)
    first.play(4)  # what was sent before is there
    third.expect_moves(1)
    assert not [text for text in sent if "leave_page" in text]
    assert counted(server_process, game_id) == {}
