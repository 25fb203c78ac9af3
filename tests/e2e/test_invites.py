"""An invite link is opened by somebody who has no account yet, by somebody who has, and by somebody too late."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.people import PASSWORD, Person

pytestmark = pytest.mark.needs("chromium", "playwright")


def test_a_friend_joins_on_a_phone_with_two_taps_at_most_and_keeps_the_game_by_signing_up(
    alice: Person, person: Callable[..., Person]
) -> None:
    game_id = alice.create_game(first_move="2")
    alice.open_game(game_id)

    friend = person(None, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    friend.count_presses()
    friend.page.goto(f"/?join={game_id.lower()}")  # a tap on the link
    expect(friend.page).to_have_url(re.compile(f"/join/{game_id}/$"))
    expect(friend.page.get_by_role("heading", name="alice invites you to a game")).to_be_visible()
    friend.page.get_by_role("button", name="Join the game").tap()
    expect(friend.page).to_have_url(re.compile(f"/games/{game_id}/$"))
    friend.expect_connected()
    assert 1 + friend.presses <= 2
    friend.play(4)
    alice.expect_position("4", first_move=2)

    tab = friend.context.new_page()
    tab.goto("/accounts/signup/")
    tab.get_by_label("User name").fill("Gina")
    tab.get_by_label("Password", exact=True).fill("12345678")
    tab.get_by_role("main").get_by_role("button", name="Sign up").click()
    expect(tab.get_by_text("This password is too common.")).to_be_visible()
    tab.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.get_by_role("main").get_by_role("button", name="Sign up").click()
    expect(tab.get_by_text("Welcome, Gina. Your games are yours.")).to_be_visible()
    tab.goto("/history/")
    expect(tab.locator(".history > li")).to_have_count(1)

    alice.play(4)
    friend.expect_moves(2)
    friend.play(3)  # the page that was open goes on: it comes back with the new session by itself
    alice.expect_moves(3)
    friend.expect_moves(3)


def test_a_guest_is_told_what_signing_in_and_out_cost(person: Callable[..., Person]) -> None:
    guest = person(None)
    guest.page.goto("/games/new/")
    guest.page.get_by_role("main").get_by_role("button", name=re.compile("game", re.I)).click()
    expect(guest.page).to_have_url(re.compile("/games/[0-9A-Z]{6}/$"))
    guest.page.goto("/")
    name = guest.page.locator(".menu-name").inner_text()
    assert name.startswith("guest-")
    guest.page.goto("/accounts/login/")
    expect(guest.page.get_by_text(f"You play as {name}.")).to_be_visible()
    guest.page.goto("/")
    guest.page.locator(".menu summary").click()
    guest.page.get_by_role("link", name="Sign out").click()
    expect(guest.page.get_by_role("heading", name=f"Sign out as {name}?")).to_be_visible()
    expect(guest.page.get_by_text("will be out of your sight for good")).to_be_visible()
    guest.page.get_by_role("button", name="Sign out").click()
    expect(guest.page.get_by_role("link", name="Sign in")).to_be_visible()


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
