"""The admin in the browser, on the demonstration's games and under a strict content security policy."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.people import Person
from tests.support.servers import running

pytestmark = pytest.mark.needs("chromium", "playwright")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
GAMES = "/admin/games/game/"


class Site(NamedTuple):
    """A server with the demonstration in it."""

    url: str
    admin_name: str
    admin_password: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of its own, filled by `manage.py demo`."""
    folder = tmp_path_factory.mktemp("admin")
    settings = {"DEBUG": "true", "HOST": "127.0.0.1", "DATABASE_URL": f"sqlite:///{folder / 'admin.sqlite3'}"}
    with running("run", folder, **settings) as process:
        match = re.search(r"(demo-admin)\s+(\S+)", process.manage("demo"))
        assert match
        yield Site(process.url, *match.groups())


@pytest.fixture(scope="module")
def session(browser: Browser, site: Site) -> dict:
    """The cookies of the administrator, signed in through the form."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/admin/")
    page.get_by_label("User name").fill(site.admin_name)
    page.get_by_label("Password").fill(site.admin_password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="What runs now")).to_be_visible()
    state = dict(context.storage_state())
    context.close()
    return state


@pytest.fixture
def boss(browser: Browser, site: Site, session: dict) -> Iterator[Callable[..., Person]]:
    """Makes the administrator at a browser of their own; nobody may see an error there."""
    people: list[Person] = []

    def make(signed_in: bool = True, **options: object) -> Person:
        person = Person(browser, site.url, site.admin_name, session if signed_in else None, options)
        person.page.route(lambda url: "/admin/" in url, _with_policy)
        people.append(person)
        return person

    yield make
    errors = [error for person in people for error in person.errors]
    for person in people:
        person.context.close()
    assert not errors, errors


def _with_policy(route: Route) -> None:
    answer = route.fetch(max_redirects=0)
    route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": POLICY})


def open_first(page: Page, **filters: str) -> None:
    """Open the newest game that a filter gives."""
    page.goto(f"{GAMES}?{'&'.join(f'{name}={value}' for name, value in filters.items())}")
    page.locator("#result_list tbody tr").first.locator("th a").click()
    expect(page.locator(".game-steps")).to_be_visible()


def discs(page: Page) -> int:
    return page.locator(".board-small .cell-mark.disc-1, .board-small .cell-mark.disc-2").count()


def test_buttons_and_keys_step_through_the_moves(boss: Callable[..., Person]) -> None:
    page = boss().page
    open_first(page, reason__exact="four_in_a_row")
    plies, where = page.locator("tr[data-ply]").count(), page.locator(".game-steps output")
    expect(where).to_have_text(f"Ply {plies} of {plies}")
    expect(page.locator(".cell.won")).to_have_count(4)

    page.get_by_role("button", name="One move back").click()
    expect(where).to_have_text(f"Ply {plies - 1} of {plies}")
    expect(page.locator(".cell.won")).to_have_count(0)
    page.keyboard.press("Home")
    expect(where).to_have_text("Start")
    assert discs(page) == 0
    page.keyboard.press("ArrowLeft")
    expect(where).to_have_text("Start")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator('tr[data-ply="2"] [aria-current="step"]')).to_be_visible()
    assert discs(page) == 2
    page.get_by_role("button", name="Show ply 5", exact=True).click()
    assert discs(page) == 5
    page.keyboard.press("End")
    expect(page.locator(".cell.won")).to_have_count(4)
    assert discs(page) == plies


def test_a_game_is_ended_from_its_page(boss: Callable[..., Person]) -> None:
    page = boss().page
    open_first(page, state__exact="in-progress")
    game_id = page.locator("#content h2").first.inner_text()
    page.get_by_role("button", name="End by adjudication…").click()
    page.get_by_label("Participant 2").check()
    page.get_by_label("Reason").fill("Used a solver.")
    page.get_by_role("button", name="End by adjudication").click()
    expect(page.locator(".messagelist")).to_have_text(f"Ended: {game_id}.")
    page.goto(f"{GAMES}{game_id}/change/")
    expect(page.locator(".field-outcome")).to_contain_text("won: adjudication")
    expect(page.locator(".field-note")).to_contain_text("Used a solver.")


PAGES = {
    "first page": lambda page: page.goto("/admin/"),
    "list of games": lambda page: page.goto(GAMES),
    "finished game": lambda page: open_first(page, reason__exact="four_in_a_row"),
    "running game": lambda page: open_first(page, state__exact="in-progress"),
    "waiting game": lambda page: open_first(page, state__exact="waiting"),
    "list of players": lambda page: page.goto("/admin/games/player/"),
    "list of moves": lambda page: page.goto("/admin/games/move/"),
    "user": lambda page: page.goto("/admin/lobby/user/1/change/"),
    "user with games": lambda page: page.goto("/admin/lobby/user/1/delete/"),
}


def test_no_page_has_a_violation(boss: Callable[..., Person]) -> None:
    # axe-core styles what it measures, which the policy forbids it like anyone.
    person = boss(bypass_csp=True)
    for show in PAGES.values():
        show(person.page)
        person.expect_accessible()
    open_first(person.page, state__exact="in-progress")
    person.page.get_by_role("button", name="Abort…").click()
    expect(person.page.get_by_label("Reason")).to_be_focused()
    person.expect_accessible()
    stranger = boss(signed_in=False, bypass_csp=True)
    stranger.page.goto("/admin/login/")
    stranger.expect_accessible()


def test_no_page_scrolls_sideways(boss: Callable[..., Person]) -> None:
    page = boss().page
    for name, show in PAGES.items():
        show(page)
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)


def test_the_theme_of_the_site_is_the_admins_too(boss: Callable[..., Person]) -> None:
    page = boss(color_scheme="light").page
    page.goto("/")
    page.evaluate("localStorage.setItem('theme', 'dark')")
    page.goto("/admin/")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(30, 33, 40)"
