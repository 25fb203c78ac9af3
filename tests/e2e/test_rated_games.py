"""A rated game on two pages: the opening that nobody has played, ratings at the names, what the end does to them."""

import re
import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Person

pytestmark = pytest.mark.needs("chromium", "playwright")
OWN = ":not(.given, .hover-disc)"
"""Discs that somebody has played."""


def test_a_rated_game_from_its_opening_to_the_new_ratings(person: Callable[..., Person]) -> None:
    first, second = person(None), person(None)
    for one in (first, second):
        one.sign_up(f"rated-{secrets.token_hex(4)}")
    game_id = first.create_game(time="3d", rated="yes")
    second.join(game_id)
    for one in (first, second):
        one.open_game(game_id)
        # The discs of the ballot are paler than those that are played, and none of them is the last move.
        expect(one.page.locator(".board .disc.given")).to_have_count(4)
        expect(one.page.locator(".board .last-mark")).to_have_count(0)
        expect(one.page.locator(".seat-near [data-rating]")).to_have_text("1500?")
    expect(first.status).to_have_text("Your move.")
    expect(second.status).to_have_text(f"{first.name}’s move.")
    for one, column in ((first, 1), (second, 7)):
        one.play(column)
    opacity = "discs => discs.map((disc) => Number(getComputedStyle(disc).opacity))"
    given, played = (first.page.locator(f".board .disc{which}").evaluate_all(opacity) for which in (".given", OWN))
    assert len(given) == 4
    assert max(given) < 1
    assert played == [1, 1]
    first.page.get_by_role("button", name="Resign").click()
    first.page.get_by_role("button", name="Yes, resign").click()
    for one, near, far in ((first, "−", "+"), (second, "+", "−")):
        for side, sign in (("near", near), ("far", far)):
            change = one.page.locator(f".seat-{side} [data-rating-change]")
            expect(change).to_have_text(re.compile(rf"^{re.escape(sign)}[1-9]\d*$"), timeout=60_000)
    second.page.goto(f"/@/{second.name}/")
    expect(second.page.locator("main")).to_contain_text(re.compile(r"1[5-9]\d\d\?"))
