"""axe-core on the game page in every state, light and dark; what screen readers hear; less motion; small screens."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Person
from tests.e2e.wire import Wire

pytestmark = pytest.mark.needs("chromium", "playwright")


CONTROLS = (
    ".seat-far .clock", ".seat-near .clock", "[data-add-time]", "[data-action=ask-resign]", "[data-show=draw]",
    "[data-show=takeback]", "[data-sound-switch]", "[data-help-button]",
)  # fmt: skip
LONG = "174166227341672362665415453424277135575133"  # never won
SIZES = [(320, 568), (360, 640), (390, 700), (568, 320), (820, 1180), (1280, 800), (2560, 1440)]


def test_no_state_of_the_game_page_has_a_violation(person: Callable[..., Person]) -> None:
    alice, bob, stranger = (person(name) for name in ("alice", "bob", None))
    wire = Wire(bob.page)
    game_id = alice.create_game()
    alice.open_game(game_id)
    alice.expect_accessible()  # waiting, its creator
    stranger.open_game(game_id)
    stranger.expect_accessible()  # waiting, anyone

    bob.join(game_id)
    bob.open_game(game_id)
    expect(alice.page.locator(".toast")).to_have_count(0)
    alice.page.keyboard.press("ArrowLeft")
    alice.expect_accessible()  # to move, with a column in focus
    alice.play(4)
    bob.expect_accessible()
    stranger.expect_accessible()  # watching
    bob.play(1)

    bob.page.get_by_role("button", name="Resign").click()
    bob.expect_accessible()  # asked once more
    bob.page.get_by_role("button", name="Keep playing").click()
    wire.cut()
    expect(bob.page.locator("[data-notice]")).to_be_visible()
    bob.expect_accessible()  # reconnecting
    wire.mend()
    bob.expect_connected()

    for ply, column in enumerate((4, 1, 4, 1, 4)):
        (alice, bob)[ply % 2].play(column)
    expect(alice.page.locator(".win-mark")).to_have_count(4)
    alice.expect_accessible()  # won
    bob.page.get_by_role("button", name="Rematch").click()
    expect(alice.page.get_by_role("button", name="Accept")).to_be_visible()
    alice.expect_accessible()  # asked for a rematch
    bob.expect_accessible()  # has offered one
    wire.close(4401)
    expect(bob.page.locator("[data-notice]")).to_contain_text("signed out")
    bob.expect_accessible()


def test_the_end_of_a_game_does_not_scroll_a_phone(person: Callable[..., Person]) -> None:
    alice, bob = (person(name, viewport={"width": 320, "height": 568}) for name in ("alice", "bob"))
    wire = Wire(bob.page)
    game_id = alice.create_game()
    bob.join(game_id)
    for one in (alice, bob):
        one.open_game(game_id)
    alice.play(4)
    bob.play(4)  # the column that was pressed has the focus, and is gone in a moment
    wire.cut()
    expect(bob.page.locator("[data-notice]")).to_be_visible()
    notice, header = (bob.page.locator(part).bounding_box() for part in ("[data-notice]", ".site-header"))
    assert notice is not None
    assert header is not None
    assert notice["y"] + notice["height"] <= header["y"] + header["height"], "the notice covers more than the header"
    wire.mend()
    bob.expect_connected()

    alice.page.get_by_role("button", name="Resign").click()
    alice.page.get_by_role("button", name="Yes, resign").click()
    expect(bob.status).to_have_text("alice resigned. You won.")
    expect(bob.page.locator("main")).to_be_focused()
    assert bob.page.evaluate("scrollY") == 0


def test_each_move_is_announced(alice: Person, bob: Person) -> None:
    game_id = alice.create_game()
    bob.join(game_id)
    alice.open_game(game_id)
    bob.open_game(game_id)
    alice.play(4)
    said = bob.page.locator("[data-announcer]")
    expect(said).to_have_attribute("aria-live", "polite")
    expect(said).to_have_text("alice: column 4, row 1. Your move.")
    bob.play(4)
    expect(said).to_have_text("You: column 4, row 2. alice’s move.")


def test_discs_differ_by_shape(alice: Person, bob: Person) -> None:
    game_id = alice.create_game()
    bob.join(game_id)
    alice.open_game(game_id)
    bob.open_game(game_id)
    alice.play(1)
    bob.play(2)
    mark = "element => { const style = getComputedStyle(element); return [style.fill, style.stroke]; }"
    ring = alice.page.locator(".disc-1:not(.hover-disc) .disc-mark").evaluate(mark)
    core = alice.page.locator(".disc-2:not(.hover-disc) .disc-mark").evaluate(mark)
    assert ring[0] == "none"
    assert ring[1] != "none"
    assert core[0] != "none"
    assert core[1] == "none"


@pytest.mark.parametrize("wish", ["no-preference", "reduce"])
def test_discs_fall_unless_less_motion_is_wanted(person: Callable[..., Person], wish: str) -> None:
    alice, bob = person("alice", reduced_motion=wish), person("bob")
    game_id = alice.create_game()
    bob.join(game_id)
    alice.open_game(game_id)
    alice.page.evaluate(
        """() => {
          window.durations = [];
          const animate = Element.prototype.animate;
          Element.prototype.animate = function (frames, options) {
            window.durations.push(options.duration);
            return animate.call(this, frames, options);
          };
        }"""
    )
    alice.play(4)
    durations = alice.page.evaluate("window.durations")
    assert all(250 <= duration <= 450 for duration in durations)
    assert len(durations) == (1 if wish == "no-preference" else 0)


def test_nothing_has_to_be_scrolled_to_play(alice: Person, bob: Person) -> None:
    game_id = alice.create_game(time="300+3")
    bob.join(game_id)
    alice.open_game(game_id)
    bob.open_game(game_id)
    for ply in range(24):
        (alice, bob)[ply % 2].play(int(LONG[ply]))
    for width, height in SIZES:
        alice.page.set_viewport_size({"width": width, "height": height})
        _expect_to_fit(alice, width, height)


def _expect_to_fit(alice: Person, width: int, height: int) -> None:
    size = alice.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size[0] <= width
    assert size[1] <= height
    for selector in (".board", ".seat-far", ".seat-near", ".status", *CONTROLS):
        box = alice.page.locator(selector).bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height
        assert box["x"] + box["width"] <= width
    alice.page.get_by_role("button", name="Resign").click()
    for name in ("Yes, resign", "Keep playing"):
        box = alice.page.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height
    alice.page.get_by_role("button", name="Keep playing").click()


def test_the_theme_follows_the_system_until_it_is_switched(person: Callable[..., Person]) -> None:
    alice = person("alice", color_scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    alice.page.goto("/accounts/")
    dark = alice.page.evaluate(background)
    alice.page.get_by_role("button", name="Use the light theme").click()
    light = alice.page.evaluate(background)
    assert light != dark
    alice.page.reload()
    assert alice.page.evaluate(background) == light
    alice.page.get_by_role("button", name="Use the dark theme").click()
    assert alice.page.evaluate(background) == dark
    # The system's own theme is not remembered: the page follows the system again.
    alice.page.emulate_media(color_scheme="light")
    assert alice.page.evaluate(background) == light
