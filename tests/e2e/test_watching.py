"""Whoever has no seat: watching, and what a game that waits offers them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Person

pytestmark = pytest.mark.needs("chromium", "playwright")


def test_spectators_see_the_game_and_are_counted(
    person: Callable[..., Person], alice: Person, bob: Person, charlie: Person
) -> None:
    game_id = alice.create_game(visibility="private")
    bob.join(game_id)
    alice.open_game(game_id)
    bob.open_game(game_id)
    alice.play(4)
    charlie.open_game(game_id)
    stranger = person(None)
    stranger.open_game(game_id)
    expect(alice.page.locator("[data-spectators]")).to_have_text("2 watching")

    bob.play(4)
    for one in (charlie, stranger):
        one.expect_position("44")
        expect(one.columns.first).to_be_hidden()
        expect(one.page.get_by_role("button", name="Resign")).to_be_hidden()
        expect(one.status).to_contain_text("alice’s move.")
    stranger.page.close()
    expect(alice.page.locator("[data-spectators]")).to_have_text("1 watching")


def test_a_spectators_attempt_to_move_is_refused(alice: Person, bob: Person, charlie: Person) -> None:
    game_id = alice.create_game()
    bob.join(game_id)
    charlie.open_game(game_id)
    answer = charlie.page.evaluate(
        """path => new Promise((resolve) => {
             const socket = new WebSocket(location.origin.replace("http", "ws") + path);
             socket.onopen = () => socket.send('{"type": "play_move", "column": 3, "ply": 1, "id": "x"}');
             socket.onmessage = ({ data }) => { if (JSON.parse(data).id === "x") resolve(JSON.parse(data)); };
           })""",
        f"/ws/games/{game_id}/",
    )
    assert (answer["type"], answer["code"]) == ("error", "not_a_participant")
    charlie.expect_moves(0)


def test_a_waiting_game_offers_join_to_everyone_but_its_creator(
    person: Callable[..., Person], alice: Person, bob: Person
) -> None:
    game_id = alice.create_game()
    stranger = person(None)
    stranger.page.goto(f"/games/{game_id}/")
    stranger.page.get_by_role("link", name="Join the game").click()
    expect(stranger.page).to_have_url(re.compile(f"/join/{game_id}/$"))

    alice.open_game(game_id)
    expect(alice.page.get_by_text("Join the game")).to_have_count(0)
    bob.page.goto(f"/games/{game_id}/")
    bob.page.get_by_role("button", name="Join the game").click()
    bob.expect_connected()
    expect(alice.status).to_have_text("Your move.")


def test_whoever_stays_on_a_waiting_game_watches_it(alice: Person, bob: Person, charlie: Person) -> None:
    game_id = alice.create_game()
    charlie.page.goto(f"/games/{game_id}/")
    expect(charlie.page.get_by_role("heading", name="alice is waiting for an opponent")).to_be_visible()
    charlie.expect_connected()
    bob.join(game_id)
    expect(charlie.status).to_have_text("alice’s move.")


def test_a_cancelled_game_says_so(alice: Person, charlie: Person) -> None:
    game_id = alice.create_game()
    charlie.open_game(game_id)
    alice.open_game(game_id)
    alice.page.get_by_role("button", name="Cancel this game").click()
    expect(charlie.status).to_have_text("This game was cancelled before it began.")


def test_a_spectator_is_led_to_the_rematch(alice: Person, bob: Person, charlie: Person) -> None:
    game_id = alice.create_game()
    bob.join(game_id)
    alice.open_game(game_id)
    bob.open_game(game_id)
    charlie.open_game(game_id)
    alice.play(4)
    bob.play(4)
    bob.page.get_by_role("button", name="Resign").click()
    bob.page.get_by_role("button", name="Yes, resign").click()
    bob.page.get_by_role("button", name="Rematch").click()
    alice.page.get_by_role("button", name="Accept").click()
    charlie.page.get_by_role("link", name="Watch the rematch").click()
    expect(charlie.status).to_have_text("bob’s move.")


def test_any_spelling_of_the_id_leads_to_the_game(alice: Person, charlie: Person) -> None:
    game_id = alice.create_game()
    charlie.page.goto(f"/games/{game_id[:3].lower()}-{game_id[3:].lower()}/")
    expect(charlie.page).to_have_url(re.compile(f"/games/{game_id}/$"))


def test_an_unknown_game_has_a_page_of_its_own(charlie: Person) -> None:
    answer = charlie.page.goto("/games/ZZZZZZ/")
    assert answer is not None
    assert answer.status == 404
    expect(charlie.page.get_by_label("Game ID")).to_be_visible()


def test_the_invite_is_copied_shared_or_selected(alice: Person) -> None:
    game_id = alice.create_game()
    alice.page.add_init_script("navigator.share = (content) => { window.shared = content; return Promise.resolve(); }")
    alice.page.add_init_script("navigator.canShare = () => true")
    alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    alice.open_game(game_id)
    alice.page.get_by_role("button", name="Copy link").click()
    expect(alice.page.locator(".toast")).to_have_text("Copied.")
    link = alice.page.evaluate("navigator.clipboard.readText()")
    assert link.endswith(f"/join/{game_id}/")
    alice.page.get_by_role("button", name="Share").click()
    assert alice.page.evaluate("window.shared.url") == link

    # Over plain HTTP in a local network a browser offers no clipboard.
    alice.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    alice.page.get_by_role("button", name="Copy link").click()
    expect(alice.page.locator(".toast").last).to_contain_text("The text is selected")
    assert alice.page.evaluate("getSelection().toString() || document.activeElement.value") == link


def test_sounds_are_off_until_wanted_and_then_remembered(alice: Person, bob: Person) -> None:
    game_id = alice.create_game()
    alice.open_game(game_id)
    waiting = alice.page.get_by_role("button", name="Sound when somebody joins")
    waiting.click()
    expect(waiting).to_have_attribute("aria-pressed", "true")
    bob.join(game_id)
    expect(alice.page.get_by_role("button", name="Sounds")).to_have_attribute("aria-pressed", "true")

    bob.open_game(game_id)
    button = bob.page.get_by_role("button", name="Sounds")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    bob.page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
