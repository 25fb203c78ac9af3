"""The puzzles of the day in the browser: answered by mouse, touch and keyboard, remembered, said in words."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Person
from tests.e2e.played import play_game, wait_for_review
from tests.support.puzzling_games import PUZZLING

pytestmark = pytest.mark.needs("chromium", "playwright")

CHOSEN_WITHIN = 100.0
"""Seconds: where there were too few, a process looks again after a minute."""

_played: list[str] = []


@pytest.fixture(autouse=True)
def _three_puzzles(alice: Person, bob: Person) -> None:
    """The games that they are from have been played and reviewed, and three are chosen."""
    if _played:
        return
    for notation in PUZZLING[:3]:
        game_id = play_game(alice, bob, notation)
        wait_for_review(alice, game_id)
        _played.append(game_id)
    end = time.monotonic() + CHOSEN_WITHIN
    while alice.context.request.get("/puzzles/").text().count("data-puzzle=") < 3:
        assert time.monotonic() < end, "there are not three puzzles"
        time.sleep(1)


def page_data(one: Person) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(one.page.locator("#page-data").text_content() or "")
    return found


def solution(one: Person) -> int:
    """The right column of the puzzle on the page, by the scores of its position."""
    moves = "".join(str(column + 1) for column in page_data(one)["moves"])
    answer = one.context.request.get(f"/api/games/{_played[0]}/review/position/?moves={moves}")
    best: list[int] = answer.json()["best"]
    return best[0]


def test_a_right_answer_by_keyboard(charlie: Person) -> None:
    charlie.page.goto("/puzzles/")
    expect(charlie.page.locator("[data-puzzle]")).to_have_count(3)
    expect(charlie.page.locator("[data-task]")).to_have_text(
        re.compile(r"^(Red|Yellow) to move\. One column alone (wins|holds the draw): which\?$")
    )
    assert page_data(charlie)["answered"] is None
    expect(charlie.page.locator(".score-row")).to_be_hidden()
    answer = solution(charlie)
    charlie.page.keyboard.press(str(answer + 1))
    words = charlie.page.get_by_role("status").filter(has_text="Right")
    expect(words).to_have_text(re.compile(rf"^Right: {answer + 1} (wins by move \d+|holds the draw)\.$"))
    expect(charlie.page.locator("[data-streak]")).to_have_text("1")
    expect(charlie.page.locator(".score-row .best")).to_have_count(1)
    charlie.page.reload()
    charlie.page.get_by_role("link", name=re.compile("^1 ?, solved")).click()
    expect(words).to_be_visible()


def test_a_wrong_answer_by_mouse_is_told_and_stays(charlie: Person) -> None:
    charlie.page.goto("/puzzles/")
    charlie.page.locator("[data-puzzle='2']").click()
    answer = solution(charlie)
    wrong = next(column for column in page_data(charlie)["legalColumns"] if column != answer)
    charlie.columns.nth(wrong).click()
    words = charlie.page.locator("[data-words]")
    expect(words).to_have_text(
        re.compile(rf"^Not {wrong + 1}: it .*\. {answer + 1} (wins by move \d+|holds the draw)\.$")
    )
    expect(charlie.page.locator(".best-mark")).to_have_count(1)
    expect(charlie.columns.nth(answer)).to_have_accessible_name(re.compile(rf"^Column {answer + 1}, (wins|a draw)"))
    expect(charlie.columns.nth(answer)).to_have_attribute("aria-disabled", "true")
    charlie.page.keyboard.press(str(answer + 1))
    expect(words).to_have_text(re.compile("^Not"))
    charlie.page.get_by_role("link", name="Next puzzle").click()
    expect(charlie.page.locator("[data-puzzle][aria-current]")).not_to_have_attribute("data-puzzle", "2")


def test_see_the_game_leads_to_the_position(person: Callable[..., Person]) -> None:
    stranger = person(None, has_touch=True, viewport={"width": 390, "height": 844})
    stranger.page.goto("/puzzles/")
    expect(stranger.page.locator("main")).to_contain_text("Sign in to keep your answers")
    moves = page_data(stranger)["moves"]
    stranger.columns.nth(page_data(stranger)["legalColumns"][0]).tap()
    stranger.page.get_by_role("link", name="See the game").click()
    stranger.expect_connected()
    expect(stranger.page.locator(".move[aria-current] .move-ply")).to_have_text(str(len(moves)))


def test_an_answer_that_does_not_come_through_is_given_again(person: Callable[..., Person]) -> None:
    stranger = person(None)
    stranger.page.goto("/puzzles/")
    column = page_data(stranger)["legalColumns"][0]
    stranger.page.route("**/answer/", lambda route: route.abort())
    stranger.columns.nth(column).click()
    expect(stranger.page.locator("[data-words]")).to_have_text("The server did not answer. Try again.")
    expect(stranger.page.locator(".disc.pending")).to_have_count(0)
    stranger.page.unroute("**/answer/")
    stranger.columns.nth(column).click()
    expect(stranger.page.locator("[data-words]")).to_have_text(re.compile("^(Right|Not)"))


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 568), (1280, 800)])
def test_puzzles_are_accessible_and_fit(person: Callable[..., Person], width: int, height: int) -> None:
    stranger = person(None, viewport={"width": width, "height": height})
    stranger.page.goto("/puzzles/")
    stranger.expect_accessible()
    stranger.columns.nth(page_data(stranger)["legalColumns"][0]).click()
    expect(stranger.page.locator("[data-words]")).to_have_text(re.compile("^(Right|Not)"))
    stranger.expect_accessible()
    assert stranger.page.evaluate("document.documentElement.scrollWidth") <= width
