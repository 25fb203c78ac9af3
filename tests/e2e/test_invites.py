"""An invite link is opened by somebody who has no account yet, by somebody who has, and by somebody too late."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.people import PASSWORD, Person

pytestmark = pytest.mark.needs("chromium", "playwright")


def test_signing_up_through_an_invite_link_leads_straight_into_the_game(
    alice: Person, person: Callable[..., Person]
) -> None:
    game_id = alice.create_game(first_move="2")
    alice.open_game(game_id)

    stranger = person(None)
    stranger.page.goto(f"/?join={game_id.lower()}")
    expect(stranger.page).to_have_url(re.compile(f"/join/{game_id}/$"))
    expect(stranger.page.get_by_role("heading", name="alice invites you to a game")).to_be_visible()
    stranger.page.get_by_label("User name").fill("Gina")
    stranger.page.get_by_label("Password", exact=True).fill("12345678")
    stranger.page.get_by_role("button", name="Sign up and join").click()
    expect(stranger.page.get_by_text("This password is too common.")).to_be_visible()
    expect(stranger.page.get_by_label("User name")).to_have_value("Gina")

    stranger.page.get_by_label("Password", exact=True).fill(PASSWORD)
    stranger.page.get_by_role("button", name="Show the password").click()
    expect(stranger.page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    stranger.page.get_by_role("button", name="Sign up and join").click()
    expect(stranger.page).to_have_url(re.compile(f"/games/{game_id}/$"))
    stranger.expect_connected()
    stranger.play(4)
    alice.expect_position("4", first_move=2)


def test_an_invite_survives_signing_in(alice: Person, person: Callable[..., Person]) -> None:
    game_id = alice.create_game()
    bob = person(None)
    bob.page.goto(f"/join/{game_id}/")
    bob.page.get_by_role("main").get_by_role("link", name="Sign in").click()
    bob.page.get_by_label("User name").fill("BOB")
    bob.page.get_by_label("Password", exact=True).fill(PASSWORD)
    bob.page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(bob.page).to_have_url(re.compile(f"/join/{game_id}/$"))
    bob.page.get_by_role("button", name="Join the game").click()
    expect(bob.page).to_have_url(re.compile(f"/games/{game_id}/$"))
    bob.expect_connected()


def test_whoever_comes_too_late_reads_a_kind_sentence(alice: Person, bob: Person, charlie: Person) -> None:
    game_id = alice.create_game()
    for one in (bob, charlie):
        one.page.goto(f"/join/{game_id}/")
    bob.page.get_by_role("button", name="Join the game").click()
    expect(bob.page).to_have_url(re.compile(f"/games/{game_id}/$"))
    charlie.page.get_by_role("button", name="Join the game").click()
    expect(charlie.page.get_by_role("heading", name="Somebody else was quicker")).to_be_visible()
    charlie.page.get_by_role("link", name="Watch").click()
    charlie.expect_connected()
    alice.page.goto(f"/join/{game_id}/")
    alice.page.get_by_role("link", name="To the game").click()
    alice.expect_connected()


def test_a_cancelled_invite_says_so(alice: Person, bob: Person) -> None:
    game_id = alice.create_game()
    bob.page.goto(f"/join/{game_id}/")
    alice.open_game(game_id)
    alice.page.get_by_role("button", name="Cancel this game").click()
    expect(alice.page.get_by_text(f"Game {game_id} is cancelled.")).to_be_visible()
    bob.page.get_by_role("button", name="Join the game").click()
    expect(bob.page.get_by_role("heading", name="This invite was taken back")).to_be_visible()
