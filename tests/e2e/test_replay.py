"""A finished game, stepped through on the page where it was played."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Person, stop_time

pytestmark = pytest.mark.needs("chromium", "playwright")

NOTATION = "1212121"


@pytest.fixture
def game_id(alice: Person, bob: Person) -> str:
    """A finished game that Alice has open."""
    game_id = alice.create_game()
    bob.join(game_id)
    alice.open_game(game_id)
    bob.open_game(game_id)
    for ply, digit in enumerate(NOTATION):
        (alice, bob)[ply % 2].play(int(digit))
    expect(alice.page.locator("[data-replay-bar]")).to_be_visible()
    return game_id


def at(one: Person, ply: int) -> None:
    """The page shows this ply, in drawing, table and list."""
    expect(one.page.locator(".board .disc:not(.hover-disc) .disc-body")).to_have_count(ply)
    one.expect_position(NOTATION[:ply])
    marked = one.page.locator(".move[aria-current]")
    expect(marked).to_have_count(1 if ply else 0)
    if ply:
        expect(marked.locator(".move-ply")).to_have_text(str(ply))


def test_by_keyboard(alice: Person, game_id: str) -> None:
    at(alice, 7)
    for key, ply in [("ArrowLeft", 6), ("ArrowLeft", 5), ("ArrowRight", 6), ("Home", 0), ("ArrowLeft", 0),
                     ("ArrowRight", 1), ("End", 7), ("ArrowRight", 7), ("ArrowUp", 0), ("ArrowDown", 7)]:  # fmt: skip
        alice.page.keyboard.press(key)
        at(alice, ply)
    expect(alice.page.locator(".win-mark")).to_have_count(4)


def test_by_button(alice: Person, game_id: str) -> None:
    for name, ply in [("First position", 0), ("Forward", 1), ("Forward", 2), ("Back", 1), ("Last position", 7)]:
        alice.page.get_by_role("button", name=name, exact=True).click()
        at(alice, ply)
    expect(alice.page.get_by_role("button", name="Forward")).to_have_attribute("aria-disabled", "true")


def test_by_the_list_and_the_address(alice: Person, bob: Person, game_id: str) -> None:
    alice.page.get_by_role("link", name="3 alice, column 1").click()
    at(alice, 3)
    assert alice.page.url.endswith("#3")
    bob.page.goto(alice.page.url)
    bob.page.reload()
    at(bob, 3)
    bob.page.keyboard.press("End")
    at(bob, 7)
    assert "#" not in bob.page.url


def test_an_address_beyond_the_game_shows_its_end(bob: Person, game_id: str) -> None:
    bob.page.goto(f"/games/{game_id}/#40")
    bob.page.reload()
    at(bob, 7)


def test_playing_at_three_speeds(alice: Person, game_id: str) -> None:
    stop_time(alice.page)
    speed = alice.page.get_by_label("Speed")
    for name, milliseconds in [("Slow", 1600), ("Normal", 900), ("Fast", 450)]:
        speed.select_option(name)
        alice.page.get_by_role("button", name="Play", exact=True).click()
        at(alice, 0)
        alice.page.clock.run_for(milliseconds - 1)
        at(alice, 0)
        alice.page.clock.run_for(1)
        at(alice, 1)
        alice.page.clock.run_for(6 * milliseconds)
        at(alice, 7)
        expect(alice.page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_playing_can_be_paused(alice: Person, game_id: str) -> None:
    stop_time(alice.page)
    alice.page.get_by_role("button", name="Play", exact=True).click()
    alice.page.clock.run_for(900)
    alice.page.get_by_role("button", name="Pause").click()
    alice.page.clock.run_for(9000)
    at(alice, 1)


def test_the_notation_is_copied_with_one_click(alice: Person, game_id: str) -> None:
    alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    alice.page.get_by_role("button", name="Copy moves").click()
    expect(alice.page.locator(".toast")).to_have_text("Copied.")
    assert alice.page.evaluate("navigator.clipboard.readText()") == NOTATION


def test_downloads(alice: Person, game_id: str) -> None:
    with alice.page.expect_download() as download:
        alice.page.get_by_role("link", name="JSON").click()
    assert download.value.suggested_filename == f"fourline-{game_id}.json"
    game = json.loads(download.value.path().read_text())
    assert (game["id"], game["notation"], len(game["playedAt"])) == (game_id, NOTATION, 7)

    with alice.page.expect_download() as download:
        alice.page.get_by_role("link", name="Text").click()
    text = download.value.path().read_text()
    assert f"Notation:      {NOTATION}" in text
    assert re.search(r"^ 7\. alice +1  20\d\d-", text, re.MULTILINE)
    assert "X . . . . . .\nX O . . . . .\nX O . . . . .\nX O . . . . .\n1 2 3 4 5 6 7" in text


def test_each_move_shows_its_time(alice: Person, game_id: str) -> None:
    expect(alice.moves.locator("time")).to_have_text([re.compile(r"^\d\d:\d\d:\d\d$")] * 7)
