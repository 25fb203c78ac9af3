"""A program's account is named as a bot where a person meets it: in lists, beside the board, in chat, in challenges."""

import re
import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Person

pytestmark = pytest.mark.needs("chromium", "playwright")


@pytest.fixture
def bot(person: Callable[..., Person]) -> Person:
    """A program's account, at a browser all the same."""
    made = person(None)
    made.sign_up(f"robot-{secrets.token_hex(4)}")
    made.post("/accounts/bot/")
    return made


@pytest.fixture
def human(person: Callable[..., Person]) -> Person:
    """Somebody whom nobody else has met."""
    made = person(None)
    made.sign_up(f"human-{secrets.token_hex(4)}")
    return made


def test_a_bot_is_named_so_in_lists_beside_the_board_and_in_chat(bot: Person, human: Person) -> None:
    game_id = bot.create_game()
    bot.open_game(game_id)
    human.page.goto("/")
    row = human.page.locator(f'[data-section="waiting"] [data-game="{game_id}"]')
    expect(row.locator("[data-rating1]")).to_have_text("bot")
    human.join(game_id)
    human.open_game(game_id)
    expect(human.page.locator(".seat-far [data-rating]")).to_have_text("bot")
    for one in (bot, human):
        one.page.locator("[data-chat-button]").click()
    field = bot.page.get_by_role("textbox", name="Say something")
    field.fill("I am a program.")
    field.press("Enter")
    line = human.page.locator(".chat-line")
    expect(line.locator(".chat-name .badge")).to_have_text("bot")
    expect(line).to_contain_text("I am a program.")
    human.page.reload()
    expect(line.locator(".chat-name .badge")).to_have_text("bot")


def test_a_bot_is_named_so_in_a_challenge_and_in_what_became_of_it(bot: Person, human: Person) -> None:
    human.page.goto("/leaderboard/")
    game_id = bot.create_game(opponent=human.name or "")
    bar = human.page.locator(f'[data-bar="challenge-{game_id}"]')
    expect(bar).to_contain_text(f"{bot.name} (bot) challenges you")
    bot.post(f"/games/{game_id}/cancel/")
    over = human.page.locator(f'[data-bar="challenge-over-{game_id}"]')
    expect(over).to_contain_text(f"{bot.name} (bot) took the challenge back.")
    human.page.goto(f"/games/new/?opponent={bot.name}")
    expect(human.page.get_by_role("heading", level=1)).to_have_text(re.compile(rf"Challenge {bot.name}\s+bot"))
