"""The form for a new game: times, with and without JavaScript, and where they are said then."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Person

pytestmark = pytest.mark.needs("chromium", "playwright")


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["script", "no script"])
def test_a_time_of_ones_own_is_asked_for_again_where_it_cannot_be(
    person: Callable[..., Person], options: dict[str, bool]
) -> None:
    alice, stranger = person("alice", viewport={"width": 320, "height": 640}, **options), person(None)
    page = alice.page
    page.goto("/games/new/")
    expect(page.get_by_label("Minutes")).to_be_hidden()
    page.get_by_role("radio", name="My own").check()
    page.get_by_label("Minutes").fill("61")
    page.get_by_role("radio", name="Off").check()
    page.get_by_role("button", name="New game").click()
    expect(page.get_by_text("From 15 seconds to 60 minutes")).to_be_visible()
    expect(page.get_by_label("Minutes")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Minutes")).to_have_value("61")
    width, _ = _size(alice)
    assert width <= 320
    if not options:
        alice.expect_accessible()

    stranger.page.goto("/")
    page.get_by_label("Minutes").fill("1")
    page.get_by_label("Seconds").fill("30")
    page.get_by_label("Added a move").fill("2")
    page.get_by_role("button", name="New game").click()
    page.wait_for_url(re.compile("/games/[0-9A-Z]{6}/$"))
    said = "Blitz · 1 min 30 s + 2 s"
    expect(page.get_by_text(f"{said}, no takebacks.")).to_be_visible()
    game_id = page.url.strip("/").split("/")[-1]
    expect(stranger.page.locator(f'[data-section="waiting"] [data-game="{game_id}"]')).to_contain_text(said)
    stranger.page.goto(f"/join/{game_id}/")
    expect(stranger.page.get_by_text(f"{said}. No takebacks.")).to_be_visible()


def _size(one: Person) -> list[int]:
    # A page without scripts can't be asked; its boxes can.
    box = one.page.locator("main").bounding_box()
    assert box is not None
    boxes = [element.bounding_box() for element in one.page.locator(".new-game label").all()]
    return [int(max(b["x"] + b["width"] for b in boxes if b)), int(box["height"])]


def test_a_preset_is_one_press_away(alice: Person) -> None:
    alice.page.goto("/games/new/")
    tiles = alice.page.locator(".choice-tiles label")
    expect(tiles).to_have_text([
        re.compile(words) for words in ("No clock", "30 s Bullet", r"20 s \+ 1 s Bullet", "1 min Blitz",
        r"1 min \+ 1 s Blitz", "2 min Blitz", r"3 min \+ 2 s Rapid", r"5 min \+ 3 s Rapid", "My own")
    ])  # fmt: skip
    expect(alice.page.locator(".days-row label")).to_have_text(["1", "2", "3", "7", "14"])
    tiles.nth(2).click()
    alice.page.get_by_role("button", name="New game").click()
    expect(alice.page.locator(".waiting-time")).to_have_text("Bullet · 20 s + 1 s.")
