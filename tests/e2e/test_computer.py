"""A person plays the computer: with the mouse, by touch, by keyboard; with an account or without."""

import itertools
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Person

pytestmark = pytest.mark.needs("chromium", "playwright")

MINE_OR_OVER = """() => document.title.startsWith("●") || !document.querySelector(".columns button:not([hidden])")
    || document.querySelector(".columns").offsetParent === null"""
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def begin(someone: Person, level: int, first: str = "Me") -> None:
    """From the form to the board."""
    someone.page.goto("/computer/")
    someone.page.locator(".levels label").nth(level - 1).click()
    someone.page.get_by_role("group", name="Who moves first").get_by_role("radio", name=first).check()
    someone.page.get_by_role("button", name="Play", exact=True).click()
    expect(someone.page).to_have_url(re.compile(r"/games/[0-9A-Z]+/"))
    someone.expect_connected()


def whole_game(someone: Person, press: Callable[[int], None]) -> None:
    """Play to and fro over the open columns until the game is over."""
    for turn in range(22):
        someone.page.wait_for_function(MINE_OR_OVER)
        if not someone.columns.first.is_visible():
            break
        full = [button.get_attribute("aria-disabled") == "true" for button in someone.columns.all()]
        there = [column for column in range(7) if not full[column]]
        moves = someone.moves.count()
        press(there[turn % len(there)])
        expect(someone.moves.nth(moves)).to_be_visible()
    expect(someone.status).to_have_text(re.compile(r"won|draw", re.I))


def by_all_means(someone: Person) -> Callable[[int], None]:
    """Plays with the mouse, by touch and by keyboard in turn."""
    means = itertools.cycle(
        [
            lambda column: someone.columns.nth(column).click(),
            lambda column: someone.columns.nth(column).tap(),
            lambda column: someone.page.keyboard.press(str(column + 1)),
        ]
    )
    return lambda column: next(means)(column)


def test_level_1_with_the_mouse(alice: Person) -> None:
    begin(alice, 1)
    expect(alice.page.locator(".seat-far")).to_contain_text("Novice")
    whole_game(alice, lambda column: alice.columns.nth(column).click())
    alice.page.get_by_role("button", name="Rematch").click()
    expect(alice.page.locator(".columns button").first).to_be_visible()
    alice.expect_connected()
    expect(alice.moves).to_have_count(1)  # it moves first now


def test_level_4_by_touch_as_a_guest(person: Callable[..., Person]) -> None:
    guest = person(None, **PHONE)
    begin(guest, 4, "The computer")
    expect(guest.moves).to_have_count(1)
    whole_game(guest, lambda column: guest.columns.nth(column).tap())


def test_level_8_by_keyboard(person: Callable[..., Person]) -> None:
    guest = person(None)  # for whom no other test has a game on time, beside which level 8 plays with nobody
    begin(guest, 8)
    whole_game(guest, lambda column: guest.page.keyboard.press(str(column + 1)))
    expect(guest.status).to_have_text(re.compile(r"Perfect won|draw", re.I))


@pytest.mark.parametrize("level", [1, 4, 8])
def test_each_level_by_all_means(person: Callable[..., Person], level: int) -> None:
    guest = person(None, has_touch=True)
    begin(guest, level)
    whole_game(guest, by_all_means(guest))


@pytest.mark.parametrize("size", [(390, 844), (1280, 800)], ids=["phone", "desktop"])
def test_the_form_can_be_used_by_everybody(person: Callable[..., Person], size: tuple[int, int]) -> None:
    alice = person("alice", viewport={"width": size[0], "height": size[1]})
    alice.page.goto("/computer/?level=7")
    expect(alice.page.get_by_role("radio", name=re.compile("7 Master"))).to_be_checked()
    alice.expect_accessible()
    assert alice.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    alice.page.get_by_role("radio", name=re.compile("7 Master")).press("ArrowDown")
    expect(alice.page.get_by_role("radio", name=re.compile("8 Perfect"))).to_be_checked()
