"""Timed games on two pages: clocks, a game that ends by time, one that is left, takebacks and draws by keyboard."""

import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.people import Person
from tests.e2e.wire import Wire

pytestmark = pytest.mark.needs("chromium", "playwright")

SHORTEST = {"time": "own", "own_minutes": "0", "own_seconds": "15", "own_increment": "0"}

WATCH = """() => {
  window.seen = { near: [], far: [], boxes: new Set(), notes: 0 };
  const look = () => {
    if (document.querySelector("main").dataset.state !== "in-progress") return;
    for (const side of ["near", "far"]) {
      const clock = document.querySelector(`.seat-${side} .clock`);
      const text = clock.querySelector("[data-clock-text]").textContent;
      const [minutes, seconds] = text.split(":").map(Number);
      window.seen[side].push(minutes * 60 + seconds);
      const { x, y, width, height } = clock.getBoundingClientRect();
      window.seen.boxes.add(`${side} ${x} ${y} ${width} ${height}`);
    }
    requestAnimationFrame(look);
  };
  look();
}"""
"""Notes what both clocks show while the game goes on, frame by frame, and where they are."""

SLOW_LINE = """const Real = WebSocket;
  window.WebSocket = class extends Real {
    send(text) { setTimeout(() => super.send(text), 150); }
    addEventListener(type, listener) {
      super.addEventListener(type, type === "message" ? (event) => setTimeout(() => listener(event), 150) : listener);
    }
  };"""
"""A page's messages take 150 ms, either way."""
LAG_S = 0.3

COUNT_NOTES = """localStorage.setItem("sounds", "on");
  window.notes = [];
  const make = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () {
    const oscillator = make.call(this);
    const set = oscillator.frequency.setValueAtTime.bind(oscillator.frequency);
    oscillator.frequency.setValueAtTime = (hertz, at) => { window.notes.push(hertz); return set(hertz, at); };
    return oscillator;
  };"""


def clock(one: Person, side: str) -> Locator:
    """The clock of the ``near`` or the ``far`` side of somebody's page."""
    return one.page.locator(f".seat-{side} .clock")


def start(first: Person, second: Person, **fields: str) -> str:
    """A game of two, open on both pages."""
    game_id = first.create_game(**fields)
    first.open_game(game_id)  # before it begins: there is little time for a first move
    second.join(game_id)
    second.open_game(game_id)
    return game_id


def press_by_keyboard(page: Page, name: str) -> None:
    """Reach a button with the Tab key alone, and press it."""
    button = page.get_by_role("button", name=name)
    expect(button).to_be_visible()
    for _ in range(40):
        if button.evaluate("button => button === document.activeElement"):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached by Tab")


def leave_charlie(charlie: Person, bob: Person) -> list[Page]:
    """Two games of Charlie, at pages of their own, from which Bob has gone for good."""
    tables = []
    for _ in range(2):
        game_id = charlie.create_game(time="60+0")
        bob.join(game_id)
        pages = [one.context.new_page() for one in (charlie, bob)]
        for page in pages:
            page.goto(f"/games/{game_id}/")
        for page in pages:
            expect(page.locator(".columns button").first).to_be_visible()
            expect(page.locator("main")).to_have_attribute("data-connection", "open")
            page.keyboard.press("4")
            expect(page.locator(".disc.pending")).to_have_count(0)
        expect(pages[1].locator(".moves li")).to_have_count(2)
        pages[0].keyboard.press("3")
        expect(pages[1].locator(".moves li")).to_have_count(3)
        pages[1].close()
        tables.append(pages[0])
    return tables


def test_a_game_ends_by_time_and_others_are_claimed(person: Callable[..., Person]) -> None:
    alice = person("alice", viewport={"width": 390, "height": 700})
    bob, charlie = person("bob", color_scheme="dark"), person("charlie")
    win, draw = leave_charlie(charlie, bob)
    expect(win.locator("[data-aside]")).to_have_text(re.compile(r"^bob has left\. You can claim the win in 0:\d\d\.$"))
    expect(win.get_by_role("button", name="Claim the win")).to_be_hidden()
    back = bob.context.new_page()
    back.goto(win.url)  # who comes back, or reloads, loses nothing
    expect(win.locator("[data-aside]")).to_have_text("You: column 3.")
    back.close()
    expect(win.locator("[data-aside]")).to_have_text(re.compile(r"in 0:(30|2\d)\.$"))

    alice.context.add_init_script(COUNT_NOTES)
    bob.context.add_init_script(SLOW_LINE)
    wire = Wire(alice.page)
    never_begun = alice.create_game(**SHORTEST)
    bob.join(never_begun)
    game_id = start(alice, bob, **SHORTEST)
    expect(alice.page.locator("[data-aside]")).to_have_text(re.compile(r"^0:\d\d for your first move\.$"))
    expect(alice.page.get_by_role("button", name="Abort")).to_be_visible()
    for side in ("near", "far"):
        expect(clock(alice, side)).to_have_text(re.compile("0:15$"))
        expect(clock(alice, side)).not_to_have_class(re.compile("running"))
    alice.play(4)
    expect(bob.page.locator("[data-announcer]")).to_have_text(
        "alice: column 4, row 1. Your move. 15 seconds for your first move."
    )
    bob.play(4)
    _play_to_the_flag(alice, bob, wire)

    expect(alice.status).to_have_text("You ran out of time. bob won.")
    expect(bob.status).to_have_text("alice ran out of time. You won.")
    for one, side in ((alice, "near"), (bob, "far")):
        expect(clock(one, side)).to_have_text(re.compile(r"0:00\.0$"))
        expect(clock(one, side)).not_to_have_class(re.compile("running|low"))
    _replay_with_clocks(bob, game_id)
    charlie.open_game(never_begun)
    expect(charlie.status).to_have_text("Aborted. No result.")
    _claim(win, draw)


def _play_to_the_flag(alice: Person, bob: Person, wire: Wire) -> None:
    """Alice takes four seconds for a move, gets a second disc back, and lets her time run out."""
    for one in (alice, bob):
        one.page.evaluate(WATCH)
    expect(clock(alice, "near")).to_have_class(re.compile("running"))
    expect(clock(alice, "far")).not_to_have_class(re.compile("running"))
    alice.page.keyboard.press("t")
    expect(alice.page.locator("[data-announcer]")).to_have_text(re.compile(r"^You: 1\d seconds\. bob: 15 seconds\.$"))
    alice.page.wait_for_timeout(4000)
    alice.play(3)
    move = [command for command in wire.sent if command["type"] == "play_move"][-1]
    assert 4000 <= move["moveTimeMs"] < 8000
    assert move["version"] == 3
    expect(clock(bob, "near")).to_have_class(re.compile("running"))
    bob.play(3)
    expect(clock(alice, "near")).to_have_class(re.compile("low"))
    expect(clock(alice, "near").locator(".icon")).to_be_visible()
    expect(clock(bob, "far").locator(".icon")).to_be_visible()
    _expect_agreement(alice, bob)
    bob.expect_accessible()
    expect(alice.page.locator("main")).to_have_attribute("data-state", "finished", timeout=20_000)
    for one in (alice, bob):
        _expect_steady_clocks(one.page)
    assert {880} <= set(alice.page.evaluate("window.notes")), "no sound of little time"


def _expect_agreement(alice: Person, bob: Person) -> None:
    """Alice's clock is the same on both pages, whatever Bob's line: what he sees lies between two looks at hers."""
    for _ in range(5):
        before, seen, after = (_tenths(one, side) for one, side in ((alice, "near"), (bob, "far"), (alice, "near")))
        assert after - LAG_S <= seen <= before + LAG_S, (before, seen, after)


def _tenths(one: Person, side: str) -> float:
    text = clock(one, side).locator("[data-clock-text]").inner_text()
    assert re.match(r"^0:\d\d\.\d$", text), text
    return float(text.removeprefix("0:"))


def _expect_steady_clocks(page: Page) -> None:
    seen: dict[str, Any] = page.evaluate("({ ...seen, boxes: [...seen.boxes] })")
    assert len(seen["boxes"]) == 2, f"clocks move: {seen['boxes']}"
    for side in ("near", "far"):
        steps = [one - next_ for one, next_ in zip(seen[side], seen[side][1:], strict=False)]
        # Up only where a move came and its lag was made up for; down by what passed between two frames.
        assert min(steps) >= -1
        assert max(steps) <= 2


def _replay_with_clocks(bob: Person, game_id: str) -> None:
    """The list says what moves took, the clocks what was left at each ply; so does the address of a ply."""
    expect(bob.moves.locator("time")).to_have_text(["–", "–", re.compile(r"^[4-7]\.\d s$"), re.compile(r"s$")])
    left = clock(bob, "far").inner_text()
    bob.page.keyboard.press("Home")
    expect(clock(bob, "far")).to_have_text(re.compile("0:15$"))
    bob.page.get_by_role("link", name="3 alice, column 3").click()
    expect(clock(bob, "far")).to_have_text(re.compile(r"0:(0[789]\.\d|1[01])$"))
    assert clock(bob, "far").inner_text() != left
    bob.page.goto(f"/games/{game_id}/#2")
    bob.page.reload()
    expect(clock(bob, "far")).to_have_text(re.compile("0:15$"))


def _claim(win: Page, draw: Page) -> None:
    """Bob has been away for half a minute."""
    win.set_viewport_size({"width": 360, "height": 640})
    expect(win.get_by_role("button", name="Claim the win")).to_be_visible(timeout=30_000)
    expect(win.locator("[data-aside]")).to_have_text("bob has left. You can claim the win.")
    for name in ("Claim the win", "Call it a draw"):
        box = win.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 360
        assert box["y"] + box["height"] <= 640
    win.get_by_role("button", name="Claim the win").click()
    expect(win.locator("[data-status]")).to_have_text("bob left. You won.")
    press_by_keyboard(draw, "Call it a draw")
    expect(draw.locator("[data-status]")).to_have_text("One side left: called a draw.")
    win.close()
    draw.close()


def test_takebacks_and_a_draw_by_keyboard_in_a_game_by_days(person: Callable[..., Person]) -> None:
    alice, bob = person("alice"), person("bob", viewport={"width": 360, "height": 640})
    game_id = start(alice, bob, time="3d")
    for one in (alice, bob):
        expect(clock(one, "near")).to_have_text(re.compile("(2 days 23 h|3 days)$"))
        expect(one.page.get_by_role("button", name="+15 s")).to_be_hidden()
    alice.page.keyboard.press("?")
    expect(alice.page.get_by_role("dialog")).to_contain_text("By days · 3 days a move")
    alice.expect_accessible()
    alice.page.keyboard.press("Escape")
    expect(alice.page.get_by_role("dialog")).to_be_hidden()

    expect(alice.page.get_by_role("button", name="takeback")).to_have_attribute("aria-disabled", "true")
    alice.play(4)
    press_by_keyboard(alice.page, "Ask for a takeback")
    expect(bob.page.locator("[data-announcer]")).to_have_text("alice asks to take a move back.")
    bob.expect_accessible()
    press_by_keyboard(bob.page, "Decline")
    expect(alice.page.locator("[data-announcer]")).to_have_text("The takeback is off.")
    bob.play(4)
    alice.play(3)
    bob.page.reload()  # which loses nothing
    bob.expect_connected()
    press_by_keyboard(bob.page, "Ask for a takeback")
    expect(bob.page.get_by_role("button", name="withdraw")).to_be_visible()
    press_by_keyboard(alice.page, "Accept")
    for one in (alice, bob):
        one.expect_moves(1)
        one.expect_position("4")
    expect(bob.page.locator("[data-announcer]")).to_have_text("2 moves taken back. Your move.")

    bob.play(5)
    press_by_keyboard(alice.page, "Offer draw")
    press_by_keyboard(bob.page, "Accept")
    for one in (alice, bob):
        expect(one.status).to_have_text("A draw, agreed by both.")
    alice.page.goto("/history/")
    row = alice.page.locator(".history li", has=alice.page.locator(f'a[href="/games/{game_id}/"]'))
    expect(row).to_contain_text("Drawn · by agreement · 2 moves · By days · 3 days a move")


def test_time_is_given_and_a_game_that_has_hardly_begun_is_aborted(alice: Person, bob: Person) -> None:
    start(alice, bob, time="60+1", takebacks="no")
    expect(alice.page.get_by_role("button", name="Ask for a takeback")).to_be_hidden()
    alice.play(4)
    bob.play(4)
    expect(alice.page.get_by_role("button", name="Resign")).to_be_visible()
    bob.page.get_by_role("button", name="+15 s for the other side").click()
    expect(alice.page.locator(".toast", has_text="bob gave you more time.")).to_be_visible()
    expect(clock(alice, "near")).to_have_text(re.compile(r"1:1\d$"))
    expect(clock(bob, "far")).to_have_text(re.compile(r"1:1\d$"))

    start(alice, bob, time="60+1")
    bob.page.get_by_role("button", name="Abort").click()
    for one in (alice, bob):
        expect(one.status).to_have_text("Aborted. No result.")


def test_bars_have_room_for_names_ratings_and_clocks(person: Callable[..., Person]) -> None:
    first, second = person(None), person(None)
    for one in (first, second):
        one.sign_up(f"twenty-letters-{secrets.token_hex(2)}")
    start(first, second, time="180+2", first_move="random", rated="yes")
    expect(first.moves).to_have_count(4)  # of the ballot: the hint for an empty list would lie under them
    expect(first.page.locator("[data-hint]:visible")).to_have_count(0)
    for width, height in [(320, 568), (390, 844), (500, 480), (700, 600), (1000, 700), (1280, 800)]:
        first.page.set_viewport_size({"width": width, "height": height})
        for side in ("near", "far"):
            bar, name = (first.page.locator(f".seat-{side}{inner}").bounding_box() for inner in ("", " .seat-name"))
            box = clock(first, side).bounding_box()
            assert bar is not None
            assert name is not None
            assert box is not None
            assert name["width"] > 40, (width, side)
            assert name["x"] + name["width"] <= box["x"], (width, side)
            assert box["x"] + box["width"] <= bar["x"] + bar["width"], (width, side)
