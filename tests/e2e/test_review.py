"""The review of a finished game on the page where it was played; "what if"; learning from one's mistakes."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.people import Person
from tests.e2e.played import play_game, wait_for_review
from tests.support.servers import ServerProcess

pytestmark = pytest.mark.needs("chromium", "playwright")

MADE_WITHIN = 90_000
"""Milliseconds; a worker has to start first."""
NOTATION = "44353662627155343"
"""Won by participant 1 with four in a row; both gave it away several times."""


@pytest.fixture
def game_id(alice: Person, bob: Person) -> str:
    """A finished game."""
    return play_game(alice, bob, NOTATION)


def review_of(one: Person, game_id: str) -> dict[str, Any]:
    """The review as the API gives it."""
    answer = one.context.request.get(f"/api/games/{game_id}/review/")
    assert answer.status == 200, answer.text()
    found: dict[str, Any] = answer.json()
    return found


def open_review(one: Person, game_id: str) -> None:
    """Open a game's page and wait for its review."""
    one.open_game(game_id)
    expect(graph(one)).to_be_visible(timeout=MADE_WITHIN)


def graph(one: Person) -> Locator:
    return one.page.get_by_role("slider", name="Who was winning")


def words(one: Person) -> Locator:
    return one.page.locator("[data-review-words]")


def scores(one: Person) -> Locator:
    return one.page.locator(".score-row > span")


def at(one: Person, ply: int) -> None:
    """The graph and the board show this ply of the game."""
    expect(graph(one)).to_have_attribute("aria-valuenow", str(ply))
    one.expect_position(NOTATION[:ply])


def test_the_review_comes_by_itself_at_the_end_of_a_game(alice: Person, bob: Person) -> None:
    game_id = alice.create_game()
    bob.join(game_id)
    alice.open_game(game_id)
    bob.open_game(game_id)
    for ply, digit in enumerate("1212121"):
        expect(alice.page.get_by_role("region", name="Review")).to_be_hidden()
        (alice, bob)[ply % 2].play(int(digit))
    for one in (alice, bob):
        expect(graph(one)).to_be_visible(timeout=MADE_WITHIN)
        expect(words(one)).to_have_text(re.compile("^Best: 1 wins by move 7|Only move: no column but 1 wins"))


def test_words_marks_and_figures_are_the_reviews(alice: Person, game_id: str) -> None:
    open_review(alice, game_id)
    review = review_of(alice, game_id)
    errors = {ply["ply"]: ply["verdict"] for ply in review["plies"] if ply["verdict"] in ("mistake", "blunder")}
    assert errors, "a game without mistakes shows nothing of marks"
    for ply in range(1, len(NOTATION) + 1):
        name = re.compile(f", {errors[ply]}" if ply in errors else r"^(?!.*(mistake|blunder))")
        expect(alice.moves.nth(ply - 1).locator("a")).to_have_accessible_name(name)
    for seat, name in enumerate(("alice", "bob")):
        accuracy = f"{name} {round(review['accuracy'][seat])}%"
        expect(alice.page.locator(f'[data-accuracy="{seat + 1}"]')).to_have_text(accuracy)
    turn = alice.page.get_by_role("link", name=f"Turning point: move {review['turningPoint']}")
    turn.click()
    at(alice, review["turningPoint"])
    assert max(errors) == review["turningPoint"]
    assert alice.page.url.endswith(f"#{review['turningPoint']}")
    before = review["plies"][review["turningPoint"] - 1]
    played, best, last = NOTATION[review["turningPoint"] - 1], before["best"][0] + 1, before["lastPly"]
    expect(words(alice)).to_contain_text(f"Blunder: {played} lost the game; {best} would have won by move {last}.")


def test_the_graph_is_a_slider_by_keyboard(alice: Person, game_id: str) -> None:
    open_review(alice, game_id)
    graph(alice).focus()
    for key, ply in [("Home", 0), ("ArrowRight", 1), ("ArrowUp", 2), ("PageUp", 8), ("ArrowLeft", 7), ("ArrowDown", 6),
                     ("PageDown", 0), ("ArrowLeft", 0), ("End", 17), ("ArrowRight", 17)]:  # fmt: skip
        alice.page.keyboard.press(key)
        at(alice, ply)
    expect(graph(alice)).to_have_attribute("aria-valuemax", "17")
    expect(graph(alice)).to_have_attribute("aria-valuetext", re.compile(r"^You: column 3, row \d\. (Best|Only move)"))


def test_the_graph_is_a_slider_by_mouse_and_by_touch(person: Callable[..., Person], bob: Person) -> None:
    alice = person("alice", has_touch=True)
    game_id = play_game(alice, bob, NOTATION)
    open_review(alice, game_id)
    box = graph(alice).bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    alice.page.mouse.move(box["x"] + box["width"] / 2, middle)
    alice.page.mouse.down()
    expect(graph(alice)).to_have_attribute("aria-valuenow", re.compile("^[89]$"))
    alice.page.mouse.move(box["x"] - 40, middle, steps=4)
    at(alice, 0)
    alice.page.mouse.up()
    alice.page.mouse.move(box["x"] + box["width"] / 2, middle)
    at(alice, 0)
    alice.page.touchscreen.tap(box["x"] + box["width"] - 2, middle)
    at(alice, 17)


def test_rings_and_scores_are_those_of_the_position(alice: Person, game_id: str) -> None:
    open_review(alice, game_id)
    plies = review_of(alice, game_id)["plies"]
    for key, ply in [("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2)]:
        alice.page.keyboard.press(key)
        at(alice, ply)
        expect(alice.page.locator(".best-mark")).to_have_count(len(plies[ply]["best"]))
        expect(scores(alice).locator("b")).to_have_text(
            [str(score).replace("-", "−") if score <= 0 else f"+{score}" for score in plies[ply]["scores"]]
        )
    alice.page.keyboard.press("End")
    at(alice, 17)
    expect(alice.page.locator(".best-mark")).to_have_count(0)
    expect(alice.page.locator(".win-mark")).to_have_count(4)


def test_what_if_by_keyboard(alice: Person, game_id: str) -> None:
    open_review(alice, game_id)
    alice.page.keyboard.press("Home")
    at(alice, 0)
    alice.page.keyboard.press("4")  # the game's own move is the game
    at(alice, 1)
    alice.page.keyboard.press("1")
    expect(words(alice)).to_have_text(re.compile(r"^alice is winning, by move \d+\. "))
    alice.expect_position("41")
    expect(alice.page.get_by_role("group", name="What if")).to_contain_text("What if 1")
    expect(alice.columns.nth(3)).to_have_accessible_name(re.compile("^Column 4, wins by move "))
    expect(alice.page.locator("[data-announcer]")).to_contain_text("alice is winning, by move")
    for count in (2, 3):
        expect(scores(alice).locator("small").first).not_to_be_empty()
        alice.page.keyboard.press("1")
        expect(alice.page.get_by_role("group", name="What if")).to_contain_text(f"What if {'1' * count}")
    expect(scores(alice).locator("small").first).not_to_be_empty()
    alice.expect_position("4111")
    alice.page.keyboard.press("Backspace")
    alice.expect_position("411")
    alice.page.keyboard.press("Escape")
    at(alice, 1)
    expect(alice.page.get_by_role("group", name="What if")).to_be_hidden()
    alice.page.keyboard.press("End")
    alice.page.get_by_role("button", name="Back", exact=True).click()
    at(alice, 16)


def test_what_if_by_mouse_up_to_its_end(alice: Person, bob: Person) -> None:
    game_id = play_game(alice, bob, "121212")  # resigned by who could have won
    open_review(alice, game_id)
    expect(words(alice)).to_contain_text("alice is winning, by move 7.")
    alice.columns.nth(0).click()
    expect(words(alice)).to_have_text("alice has four in a row.")
    expect(alice.page.locator(".win-mark")).to_have_count(4)
    alice.expect_position("1212121")
    alice.page.get_by_role("button", name="Take back").click()
    alice.expect_position("121212")
    alice.columns.nth(6).click()
    alice.columns.nth(1).click()
    expect(words(alice)).to_have_text("bob has four in a row.")
    alice.page.get_by_role("button", name="Back to the game").click()
    expect(graph(alice)).to_have_attribute("aria-valuenow", "6")


def test_stepping_through_the_game_leaves_a_line(alice: Person, game_id: str) -> None:
    open_review(alice, game_id)
    alice.page.keyboard.press("ArrowLeft")
    alice.columns.nth(6).click()
    expect(alice.page.get_by_role("group", name="What if")).to_be_visible()
    alice.page.get_by_role("link", name="3 alice, column 3").click()
    at(alice, 3)
    expect(alice.page.get_by_role("group", name="What if")).to_be_hidden()


def test_scores_that_cannot_be_had_are_asked_for_again(alice: Person, game_id: str) -> None:
    open_review(alice, game_id)
    alice.page.keyboard.press("ArrowLeft")
    alice.page.route("**/review/position/**", lambda route: route.abort())
    alice.page.keyboard.press("7")
    expect(words(alice)).to_have_text("The scores could not be loaded.")
    alice.page.unroute("**/review/position/**")
    alice.page.get_by_role("button", name="Try again").click()
    expect(words(alice)).to_contain_text("is winning, by move")


def test_learning_from_ones_mistakes(alice: Person, bob: Person, game_id: str) -> None:
    open_review(alice, game_id)
    mine = [ply for ply in review_of(alice, game_id)["plies"][0::2] if ply["verdict"] in ("mistake", "blunder")]
    alice.page.get_by_role("button", name=f"Learn from your mistakes ({len(mine)})").click()
    group = alice.page.get_by_role("group", name="Learn from your mistakes")
    for number, ply in enumerate(mine, 1):
        expect(group).to_contain_text(f"Mistake {number} of {len(mine)}")
        alice.expect_position(NOTATION[: ply["ply"] - 1])
        expect(alice.page.locator(".best-mark")).to_have_count(0)
        expect(scores(alice).locator("b").first).to_be_empty()
        expect(alice.columns.nth(0)).to_have_accessible_name("Column 1")
        expect(words(alice)).to_have_text(f"You played {NOTATION[ply['ply'] - 1]}. Which column keeps the win?")
        alice.page.keyboard.press(NOTATION[ply["ply"] - 1])
        expect(words(alice)).to_have_text(re.compile(rf"^Not {NOTATION[ply['ply'] - 1]}: .* Try another column\.$"))
        if number == 2:
            group.get_by_role("button", name="Show").click()
            expect(words(alice)).to_contain_text("would have won by move")
        else:
            alice.page.keyboard.press(str(ply["best"][0] + 1))
            expect(words(alice)).to_have_text(f"Right: {ply['best'][0] + 1} wins by move {ply['lastPly']}.")
        expect(alice.page.locator(".best-mark").first).to_be_visible()
        expect(group.get_by_role("button", name="Next")).to_be_focused()
        alice.page.keyboard.press("Enter")
    expect(group).to_contain_text("All done")
    alice.page.keyboard.press("Escape")
    at(alice, 17)


def test_whoever_did_not_play_has_no_mistakes_to_learn_from(charlie: Person, game_id: str) -> None:
    open_review(charlie, game_id)
    expect(charlie.page.get_by_role("button", name="Learn from your mistakes")).to_be_hidden()
    charlie.page.keyboard.press("ArrowLeft")
    charlie.columns.nth(6).click()
    expect(charlie.page.get_by_role("group", name="What if")).to_be_visible()


def make_old(server: ServerProcess, game_id: str) -> None:
    """A game from before reviews: nobody looks for games that ended a month ago and have none."""
    month = ("2026-01-05 12:00:00", "2026-01-05 12:00:00", "2026-01-05 12:00:00", game_id)
    with closing(sqlite3.connect(server.folder / "e2e.sqlite3")) as store, store:
        times = "UPDATE games_game SET create_time = ?, start_time = ?, end_time = ? WHERE id = ?"
        assert store.execute(times, month).rowcount == 1
        store.execute("UPDATE games_change SET at = ? WHERE game_id = ?", month[2:])
        assert store.execute("DELETE FROM computer_review WHERE game_id = ?", (game_id,)).rowcount == 1


def test_an_old_game_is_reviewed_when_somebody_asks(alice: Person, game_id: str, server_process: ServerProcess) -> None:
    open_review(alice, game_id)  # it has come
    make_old(server_process, game_id)
    alice.open_game(game_id)
    expect(graph(alice)).to_be_hidden()
    alice.page.get_by_role("button", name="Review this game").click()
    expect(graph(alice)).to_be_visible(timeout=MADE_WITHIN)


def test_a_review_that_cannot_be_loaded_is_asked_for_again(alice: Person, game_id: str) -> None:
    wait_for_review(alice, game_id)
    alice.page.route("**/review/", lambda route: route.abort())
    alice.open_game(game_id)
    region = alice.page.get_by_role("region", name="Review")
    expect(region).to_contain_text("The review could not be loaded.")
    alice.page.unroute("**/review/")
    region.get_by_role("button", name="Try again").click()
    expect(graph(alice)).to_be_visible(timeout=MADE_WITHIN)


def test_a_game_without_moves_has_no_review(alice: Person, bob: Person) -> None:
    game_id = play_game(alice, bob, "")
    alice.open_game(game_id)
    expect(alice.status).to_contain_text("resigned")
    expect(alice.page.get_by_role("region", name="Review")).to_be_hidden()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 568), (1280, 800), (568, 320)])
def test_the_review_is_accessible_and_fits(person: Callable[..., Person], bob: Person, width: int, height: int) -> None:
    alice = person("alice", viewport={"width": width, "height": height})
    game_id = play_game(alice, bob, NOTATION)
    open_review(alice, game_id)
    alice.expect_accessible()
    alice.page.keyboard.press("Home")
    alice.page.keyboard.press("7")
    expect(words(alice)).to_contain_text("is winning, by move")
    alice.expect_accessible()
    alice.page.keyboard.press("Escape")
    alice.page.get_by_role("button", name="Learn from your mistakes").click()
    alice.expect_accessible()
    assert alice.page.evaluate("document.documentElement.scrollWidth") <= width
    alice.page.keyboard.press("Escape")
    expect(scores(alice).locator("b").first).not_to_be_empty()
    cells = scores(alice).evaluate_all("cells => cells.map(cell => [cell.scrollWidth, cell.clientWidth])")
    assert all(content <= room for content, room in cells), cells
