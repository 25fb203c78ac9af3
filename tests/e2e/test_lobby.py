"""The lobby in a browser: live in every window, and a way to every game."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.people import Person
from tests.e2e.wire import Wire

pytestmark = pytest.mark.needs("chromium", "playwright")


def entry(one: Person, section: str, game_id: str) -> Locator:
    """A game in one of the lists of the lobby."""
    return one.page.locator(f'[data-section="{section}"] [data-game="{game_id}"]')


def create_by_click(one: Person, visibility: str = "Anyone", first_move: str = "Me") -> str:
    """Make a game with the page's own controls; its ID."""
    one.page.goto("/games/new/")
    one.page.get_by_role("radio", name=visibility).check()
    one.page.get_by_role("radio", name=first_move).check()
    one.page.get_by_role("button", name="New game").click()
    one.page.wait_for_url(re.compile("/games/[0-9A-Z]{6}/$"))
    return one.page.url.strip("/").split("/")[-1]


def test_a_game_is_followed_in_other_windows_from_its_making_to_its_end(
    alice: Person, bob: Person, person: Callable[..., Person]
) -> None:
    stranger = person(None)
    for one in (bob, stranger):
        one.page.goto("/")
    game_id = create_by_click(alice)
    expect(alice.page.locator("#game-id")).to_have_text(game_id)
    alice.expect_connected()
    for one in (bob, stranger):
        expect(entry(one, "waiting", game_id)).to_contain_text("alice")

    entry(bob, "waiting", game_id).get_by_role("button", name="Join").click()
    bob.page.wait_for_url(f"**/games/{game_id}/")
    bob.expect_connected()
    expect(entry(stranger, "waiting", game_id)).to_have_count(0)
    watched = entry(stranger, "playing", game_id)
    expect(watched).to_contain_text("bob")

    alice.play(4)
    expect(watched.locator(".cell.disc-1")).to_have_count(1)
    bob.play(4)
    expect(watched.locator(".cell.disc-2")).to_have_count(1)
    bob.page.get_by_role("button", name="Resign").click()
    bob.page.get_by_role("button", name="Yes, resign").click()
    expect(watched).to_have_count(0)


def test_my_games_come_first_and_say_when_it_is_my_move(alice: Person, bob: Person) -> None:
    alice.page.goto("/")
    game_id = alice.create_game(first_move="2", visibility="private")
    mine = entry(alice, "mine", game_id)
    expect(mine).to_contain_text("Waiting")
    bob.page.goto("/")
    bob.join(game_id)
    expect(alice.page.locator(".toast")).to_contain_text("bob joined your game. They move first.")
    expect(mine.get_by_text("Their move")).to_be_visible()
    bob.open_game(game_id)
    bob.play(1)
    expect(mine.get_by_text("Your move")).to_be_visible()
    expect(alice.page).to_have_title(re.compile("^● Your move"))
    expect(mine.locator(".cell.disc-2")).to_have_count(1)
    mine.get_by_role("link").click()
    alice.expect_connected()
    alice.play(1)


def test_my_waiting_game_is_cancelled_with_one_click(alice: Person, bob: Person) -> None:
    bob.page.goto("/")
    alice.page.goto("/")
    game_id = alice.create_game()
    expect(entry(bob, "waiting", game_id)).to_be_visible()
    entry(alice, "mine", game_id).get_by_role("button", name=f"Cancel game {game_id}").click()
    expect(alice.page.get_by_text(f"Game {game_id} is cancelled.")).to_be_visible()
    expect(entry(bob, "waiting", game_id)).to_have_count(0)
    expect(entry(alice, "mine", game_id)).to_have_count(0)


def test_a_private_game_with_the_other_moving_first(alice: Person, person: Callable[..., Person]) -> None:
    stranger = person(None)
    stranger.page.goto("/")
    secret = create_by_click(alice, "With the link", "The other")
    expect(alice.page.get_by_text("This game is private")).to_be_visible()
    expect(alice.page.get_by_text("Your opponent moves first.")).to_be_visible()
    public = create_by_click(alice)
    expect(entry(stranger, "waiting", public)).to_be_visible()
    expect(entry(stranger, "waiting", secret)).to_have_count(0)


def test_an_id_is_typed_by_hand(alice: Person, bob: Person) -> None:
    game_id = alice.create_game()
    bob.page.goto("/")
    for typed, answer in (("12", "That is not a game ID."), ("ZZZ-ZZZ", "There is no game ZZZZZZ.")):
        bob.page.get_by_label("Game ID").fill(typed)
        bob.page.get_by_role("button", name="Go").click()
        expect(bob.page.get_by_text(answer)).to_be_visible()
        expect(bob.page.get_by_label("Game ID")).to_have_value(typed)
    bob.page.get_by_label("Game ID").fill(f" {game_id[:3].lower()}-{game_id[3:].lower()}")
    bob.page.get_by_label("Game ID").press("Enter")
    expect(bob.page.get_by_role("heading", name="alice invites you to a game")).to_be_visible()


@pytest.mark.parametrize("comes", ["while the page is open", "before", "before, without scripts"])
def test_one_press_joins_as_a_guest(alice: Person, person: Callable[..., Person], comes: str) -> None:
    stranger = person(None, java_script_enabled="scripts" not in comes)
    if comes == "while the page is open":
        stranger.page.goto("/")
    alice.page.goto("/")
    game_id = alice.create_game(first_move="2")
    alice.open_game(game_id)
    if comes != "while the page is open":
        stranger.page.goto("/")
    entry(stranger, "waiting", game_id).get_by_role("button", name="Join").click()  # the first press
    stranger.page.wait_for_url(f"**/games/{game_id}/")
    expect(stranger.page.locator(".menu-name")).to_contain_text("guest-")
    if "scripts" not in comes:
        stranger.expect_connected()
        stranger.play(4)  # the second: a disc against a waiting stranger
        alice.expect_position("4", first_move=2)


def test_who_became_a_guest_on_the_page_joins_from_it(alice: Person, person: Callable[..., Person]) -> None:
    guest = person(None)
    guest.page.goto("/")
    guest.page.locator('[data-play="20+1"], [data-play="30+0"]').first.click()
    expect(guest.page.locator("[data-announcer]")).to_contain_text("Looking for an opponent")
    guest.page.keyboard.press("Escape")
    alice.page.goto("/")
    game_id = alice.create_game()
    entry(guest, "waiting", game_id).get_by_role("button", name="Join").click()
    guest.page.wait_for_url(f"**/games/{game_id}/")


def test_a_rated_game_leads_whoever_has_no_account_to_the_invite(alice: Person, person: Callable[..., Person]) -> None:
    stranger = person(None)
    stranger.page.goto("/")
    alice.page.goto("/")
    game_id = alice.create_game(time="60+0", rated="yes")
    entry(stranger, "waiting", game_id).get_by_role("link", name="Join").click()
    expect(stranger.page.get_by_role("heading", name="alice invites you to a game")).to_be_visible()


def test_the_featured_game_is_live_and_one_press_away(
    alice: Person, bob: Person, person: Callable[..., Person]
) -> None:
    game_id = alice.create_game()
    bob.join(game_id)
    stranger = person(None)
    wire = Wire(stranger.page)
    wire.swallow("featured")  # which one it is, other tests' games decide
    stranger.page.goto("/")
    featured = stranger.page.locator("[data-featured]")
    expect(entry(stranger, "playing", game_id)).to_be_visible()
    wire.swallow("featured", "lobby_snapshot")
    wire.say({"type": "featured", "game": stranger.context.request.get(f"/api/games/{game_id}/").json()})
    expect(featured).to_contain_text("alice")
    expect(featured).to_contain_text("No clock")
    alice.open_game(game_id)
    alice.play(4)
    expect(featured.locator(".cell.disc-1")).to_have_count(1)
    stranger.expect_accessible()
    featured.get_by_role("link", name="Watch").click()
    stranger.page.wait_for_url(f"**/games/{game_id}/")


def test_a_broken_connection_is_told_and_mends_itself(alice: Person, bob: Person) -> None:
    wire = Wire(bob.page)
    bob.page.goto("/")
    notice = bob.page.locator("[data-connection]")
    expect(notice).to_be_hidden()
    alice.page.goto("/")
    wire.cut()
    expect(notice).to_contain_text("Reconnecting")
    game_id = alice.create_game()
    wire.mend()
    expect(notice).to_be_hidden()
    expect(entry(bob, "waiting", game_id)).to_be_visible()
    wire.close(4401)
    expect(notice).to_contain_text("You are signed out.")
    expect(notice.get_by_role("link", name="Sign in")).to_have_attribute("href", "/accounts/login/?next=/")


def test_the_page_works_before_its_script_does(alice: Person, person: Callable[..., Person]) -> None:
    bob = person("bob", java_script_enabled=False)
    alice.page.goto("/")
    game_id = alice.create_game()
    bob.page.goto("/")
    expect(entry(bob, "waiting", game_id)).to_contain_text("alice")
    entry(bob, "waiting", game_id).get_by_role("button", name="Join").click()
    bob.page.wait_for_url(f"**/games/{game_id}/")
    bob.page.goto("/")
    expect(entry(bob, "mine", game_id).locator("svg.board-small")).to_be_visible()
