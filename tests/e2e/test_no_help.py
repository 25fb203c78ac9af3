"""Whoever plays a timed game against a person gets no help: tried by page, by API, by socket and by puzzle."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Person
from tests.e2e.played import play_game, start_game, wait_for_review

pytestmark = pytest.mark.needs("chromium", "playwright")

NOTATION = "44353662627155343"
# All that a game's socket says within a second besides refusals, as one text.
LISTEN = """(id) => new Promise((resolve) => {
  const heard = [];
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws/games/${id}/`);
  socket.onopen = () => ["sync", "ping", "review", "scores"].forEach((type) => socket.send(JSON.stringify({ type })));
  socket.onmessage = ({ data }) => { if (JSON.parse(data).type !== "error") heard.push(data); };
  setTimeout(() => { socket.close(); resolve(heard.join("")); }, 1000);
})"""


@pytest.fixture
def reviewed(alice: Person, bob: Person) -> str:
    """A game whose review anybody may read."""
    game_id = play_game(alice, bob, NOTATION)
    wait_for_review(alice, game_id)
    return game_id


@pytest.fixture
def live(reviewed: str, alice: Person, bob: Person) -> Iterator[str]:
    """A timed game between both that goes on until the test is over."""
    game_id = start_game(alice, bob, "44", time="300+3")
    yield game_id
    resign(alice, game_id)


def resign(one: Person, game_id: str) -> None:
    """End a game by the API, unless it is over."""
    csrf = next(c["value"] for c in one.context.cookies() if c["name"] == "csrftoken")
    answer = one.context.request.post(f"/api/games/{game_id}/resign/", data={}, headers={"X-CSRFToken": csrf})
    assert answer.status in (200, 409), answer.text()


def get(one: Person, path: str) -> tuple[int, Any]:
    answer = one.context.request.get(path)
    return answer.status, answer.json()


def test_the_page_of_an_old_game_shows_nothing_until_the_live_one_is_over(
    reviewed: str, live: str, alice: Person
) -> None:
    alice.open_game(reviewed)
    region = alice.page.get_by_role("region", name="Review")
    expect(region).to_contain_text("You are playing a timed game. The review opens when it is over.")
    assert "review-words" in alice.page.content(), "the review has no place on this page"
    expect(alice.page.get_by_role("slider")).to_be_hidden()
    expect(alice.page.locator(".best-mark")).to_have_count(0)
    expect(alice.page.locator(".score-row")).to_be_hidden()
    expect(alice.columns.first).to_be_hidden()
    alice.expect_accessible()
    region.get_by_role("button", name="Try again").click()
    expect(region).to_contain_text("You are playing a timed game.")
    resign(alice, live)
    region.get_by_role("button", name="Try again").click()
    expect(alice.page.get_by_role("slider", name="Who was winning")).to_be_visible()


def test_what_if_ends_with_the_start_of_a_timed_game(reviewed: str, bob: Person, person: Callable[..., Person]) -> None:
    here, elsewhere = person("alice"), person("alice")
    here.open_game(reviewed)
    expect(here.page.get_by_role("slider", name="Who was winning")).to_be_visible()
    game_id = start_game(elsewhere, bob, "44", time="300+3")
    try:
        here.page.keyboard.press("Home")
        here.page.keyboard.press("7")
        expect(here.page.locator("[data-review-words]")).to_have_text(
            "You are playing a timed game: no scores until it is over."
        )
        expect(here.page.locator(".score-row b").first).to_be_empty()
    finally:
        resign(elsewhere, game_id)


def test_the_api_refuses_both_players_and_nobody_else(
    reviewed: str, live: str, alice: Person, bob: Person, charlie: Person
) -> None:
    review, position = f"/api/games/{reviewed}/review/", f"/api/games/{reviewed}/review/position/?moves=44"
    for one in (alice, bob):
        for path in (review, position):
            status, answer = get(one, path)
            assert (status, answer["code"], sorted(answer)) == (409, "game_in_progress", ["code", "message"])
    assert get(charlie, review)[0] == 200
    assert get(charlie, position)[0] == 200
    # Not of the game that goes on, whoever asks.
    for one in (alice, charlie):
        status, answer = get(one, f"/api/games/{live}/review/")
        assert (status, answer["code"]) == (409, "game_not_finished")


def test_no_socket_says_scores(reviewed: str, live: str, alice: Person, charlie: Person) -> None:
    for one in (alice, charlie):
        one.page.goto("/accounts/")
        for game_id in (reviewed, live):
            heard = one.page.evaluate(LISTEN, game_id)
            assert '"snapshot"' in heard
            assert not [key for key in ("scores", "best", "verdict", "accuracy") if f'"{key}"' in heard]


def test_there_are_no_puzzles(live: str, alice: Person, bob: Person, person: Callable[..., Person]) -> None:
    for one in (alice, bob):
        response = one.page.goto("/puzzles/")
        assert response is not None
        assert response.status == 409
        expect(one.page.locator("main")).to_contain_text("There are no puzzles for whoever plays, until it is over.")
        one.expect_accessible()
    response = person(None).page.goto("/puzzles/")
    assert response is not None
    assert response.status == 200
