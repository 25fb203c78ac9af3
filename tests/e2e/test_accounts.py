"""Accounts in a browser, and history."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.people import PASSWORD, Person
from tests.support.servers import ServerProcess

pytestmark = pytest.mark.needs("chromium", "playwright")


def test_sign_up_sign_out_and_in_again(person: Callable[..., Person]) -> None:
    emil = person(None)
    emil.page.goto("/accounts/signup/")
    emil.page.get_by_label("User name").fill("alice")
    emil.page.get_by_label("Password", exact=True).fill("short")
    emil.page.get_by_role("main").get_by_role("button", name="Sign up").click()
    expect(emil.page.get_by_text("That name is taken.")).to_be_visible()
    expect(emil.page.get_by_text("This password is too short.")).to_be_visible()
    name = emil.page.get_by_label("User name")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_accessible_description(re.compile("That name is taken."))

    name.fill("Emil")
    emil.page.get_by_label("Password", exact=True).fill(PASSWORD)
    emil.page.get_by_label("E-mail").fill("emil@example.org")
    emil.page.get_by_role("main").get_by_role("button", name="Sign up").click()
    expect(emil.page.get_by_text("Welcome, Emil.")).to_be_visible()

    emil.page.locator(".menu summary").click()
    emil.page.get_by_role("button", name="Sign out").click()
    expect(emil.page.get_by_role("link", name="Sign in")).to_be_visible()
    emil.page.goto("/history/")
    emil.page.get_by_label("User name").fill("eMIL")
    emil.page.get_by_label("Password", exact=True).fill(PASSWORD)
    emil.page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(emil.page).to_have_url(re.compile("/history/$"))
    expect(emil.page.get_by_text("You have not played yet.")).to_be_visible()


def last_link(server: ServerProcess, to: str) -> str:
    """The link of the last letter to an address: without a mail server letters are printed, under DEBUG."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        letter = server.log.rpartition(f"\nTo: {to}\n")[2].partition("\n-------")[0]
        found = re.search(rf"^{server.url}(/accounts/\S+)$", letter, re.MULTILINE)
        if found is not None:
            return found[1]
        time.sleep(0.05)
    raise AssertionError(f"no letter to {to}")


def test_an_address_is_verified_changed_and_resets_the_password(
    person: Callable[..., Person], server_process: ServerProcess
) -> None:
    name, email = "frieda", "frieda@example.org"
    frieda = person(None)
    page, main = frieda.page, frieda.page.get_by_role("main")
    page.goto("/accounts/signup/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("E-mail").fill(email)
    main.get_by_role("button", name="Sign up").click()
    page.goto("/accounts/")
    expect(page.get_by_text("not verified yet")).to_be_visible()
    expect_sound(frieda, "account, not verified")
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text(f"A letter is on its way to {email}.")).to_be_visible()

    link = last_link(server_process, email)
    page.goto(link)
    expect_sound(frieda, "the letter's link")
    page.get_by_role("button", name="Verify the address").click()
    expect(page.get_by_text(f"{email} is verified.")).to_be_visible()
    expect(page.locator(".badge")).to_have_text("verified")
    expect_sound(frieda, "account, verified")
    page.goto(link)
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()
    expect_sound(frieda, "a link that was used")

    page.goto("/accounts/email/")
    page.get_by_label("E-mail").fill(f"new-{email}")
    page.get_by_label("Your password", exact=True).fill("wrong")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("That is not your password.")).to_be_visible()
    expect_sound(frieda, "e-mail with an error")
    page.get_by_label("Your password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"A letter is on its way to new-{email}.")).to_be_visible()

    page.locator(".menu summary").click()
    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail").fill(f"NEW-{email}")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    frieda.page.wait_for_timeout(500)  # the letter comes after the one that verifies, to the same address
    page.goto(last_link(server_process, f"new-{email}"))
    expect_sound(frieda, "the reset's link")
    for label in ("New password", "New password confirmation"):
        page.get_by_label(label, exact=True).fill("battery-staple-7")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("you are signed in")).to_be_visible()
    page.goto("/accounts/")
    expect(page.locator(".badge")).to_have_text("verified")


def test_finished_games_are_in_the_history_and_lead_to_their_replay(alice: Person, bob: Person) -> None:
    game_id = alice.create_game()
    bob.join(game_id)
    for one in (alice, bob):
        one.open_game(game_id)
    for ply, digit in enumerate("1212121"):
        (alice, bob)[ply % 2].play(int(digit))
    for one, result, opponent in ((alice, "Won", "bob"), (bob, "Lost", "alice")):
        one.page.goto("/history/")
        one.page.get_by_label("Result").select_option(result)
        one.page.get_by_label("Opponent").fill(opponent.upper())
        one.page.get_by_role("button", name="Show", exact=True).click()
        row = one.page.locator(".history > li").first
        expect(row).to_contain_text(f"{result} · four in a row · 7 moves")
        expect(row.locator(".cell.won")).to_have_count(4)
        expect(row.get_by_role("link", name=opponent)).to_have_attribute("href", f"/@/{opponent}/")
        row.get_by_role("link", name="Replay").click()
        expect(one.page).to_have_url(re.compile(f"/games/{game_id}/"))


SIZES = [(320, 568), (390, 844), (1280, 800)]
SIGNED_OUT = [
    "/", "/?join=x", "/accounts/login/?next=/history/", "/accounts/signup/", "/accounts/reset/",
    "/accounts/reset/sent/", "/accounts/reset/MQ/none-at-all/", "/accounts/email/MQ/none-at-all/",
    "/@/alice/", "/@/nobody/", "/games/new/", "/games/find/?id=x", "/games/find/?id=ZZZZZZ", "/join/ZZZZZZ/",
]  # fmt: skip
SIGNED_IN = [
    "/", "/@/alice/", "/@/bob/", "/@/bob/report/", "/history/", "/history/?opponent=nobody", "/accounts/",
    "/accounts/blocked/", "/accounts/email/", "/accounts/password/",
]  # fmt: skip
AS_A_GUEST = ["/", "/accounts/", "/accounts/login/", "/accounts/logout/guest/", "/accounts/signup/", "/history/"]


def expect_sound(one: Person, path: str) -> None:
    """A page has no violation, and nothing sticks out, on a phone and on a desktop."""
    one.page.wait_for_load_state()  # a form's answer can be seen, and measured, before its styles are there
    for width, height in SIZES:
        one.page.set_viewport_size({"width": width, "height": height})
        assert one.page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} at {width}"
        if width != 390:
            one.expect_accessible()


def test_no_page_has_a_violation(person: Callable[..., Person]) -> None:
    alice, bob, charlie, stranger = (person(name) for name in ("alice", "bob", "charlie", None))
    waiting, running, cancelled = alice.create_game(), alice.create_game(), alice.create_game()
    bob.join(running)
    alice.post(f"/games/{cancelled}/cancel/")
    alice.open_game(running)
    alice.play(4)
    charlie_waits = charlie.create_game()
    invites = [f"/join/{game_id}/" for game_id in (waiting, running, cancelled)]
    for one, paths in ((stranger, SIGNED_OUT + invites), (alice, SIGNED_IN + invites), (bob, ["/", *invites])):
        for path in paths:
            one.page.goto(path)
            expect_sound(one, path)
    stranger.page.goto("/accounts/signup/")
    stranger.page.get_by_label("User name").fill("a!")
    stranger.page.get_by_label("Password", exact=True).fill("12345678")
    stranger.page.get_by_role("main").get_by_role("button", name="Sign up").click()
    expect(stranger.page.locator(".errorlist").first).to_be_visible()
    expect_sound(stranger, "sign-up with errors")
    charlie.post(f"/games/{charlie_waits}/cancel/")
    stranger.create_game()
    for path in AS_A_GUEST:
        stranger.page.goto(path)
        expect_sound(stranger, path)


def test_blocking_and_reporting_somebody(alice: Person, bob: Person) -> None:
    page = alice.page
    page.goto("/@/bob/")
    page.get_by_role("button", name="Block").click()
    expect(page.get_by_text("You have blocked bob")).to_be_visible()
    page.goto("/accounts/")
    page.get_by_role("link", name="Blocked people").click()
    expect(page.get_by_role("link", name="bob")).to_be_visible()
    alice.expect_accessible()
    page.get_by_role("button", name="Unblock bob").click()
    expect(page.get_by_text("You have blocked nobody.")).to_be_visible()

    page.goto("/@/bob/")
    page.get_by_role("link", name="Report").click()
    page.get_by_role("button", name="Report").click()
    expect(page).to_have_url(re.compile("/report/$"))  # a reason is wanted
    page.get_by_label("Something else").check()
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_text("Say what happened.")).to_be_visible()
    alice.expect_accessible()
    page.get_by_label("What happened").fill("He laughed.")
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_text("A moderator will look at it.")).to_be_visible()
