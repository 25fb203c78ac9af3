"""Somebody who wants no takebacks."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Person
from tests.e2e.test_timed_games import press_by_keyboard, start

pytestmark = pytest.mark.needs("chromium", "playwright")


def play_on(first: Person, second: Person, columns: str) -> None:
    """Four plies, after which a side may ask for a takeback again."""
    for ply, column in enumerate(columns):
        (first, second)[ply % 2].play(int(column))


def test_somebody_who_wants_no_takebacks_says_so_once(person: Callable[..., Person]) -> None:
    alice, bob = person("alice"), person("bob", viewport={"width": 320, "height": 568})
    start(alice, bob)
    alice.play(4)
    alice.page.get_by_role("button", name="Ask for a takeback").click()
    never = bob.page.get_by_role("button", name="Never")
    row = bob.page.get_by_role("group", name="Takeback?").bounding_box()
    assert row is not None
    assert row["x"] + row["width"] <= 320
    assert row["y"] + row["height"] <= 568
    bob.expect_accessible()
    never.click()
    expect(alice.page.locator("[data-announcer]")).to_have_text("The takeback is off.")

    bob.page.reload()  # the wish is kept
    bob.expect_connected()
    play_on(bob, alice, "1212")
    alice.page.get_by_role("button", name="Ask for a takeback").click()
    expect(alice.page.locator("[data-announcer]")).to_have_text("The takeback is off.")
    expect(bob.page.get_by_role("group", name="Takeback?")).to_be_hidden()

    bob.page.get_by_role("button", name="Ask for a takeback").click()  # who asks for one wants them again
    press_by_keyboard(alice.page, "Decline")
    expect(bob.page.locator("[data-announcer]")).to_have_text("The takeback is off.")
    play_on(bob, alice, "7171")
    alice.page.get_by_role("button", name="Ask for a takeback").click()
    expect(never).to_be_visible()
