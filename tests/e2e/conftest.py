"""A real server and a real browser for each run of these tests, and the people who use them.

The fixtures hang on this package and not on the session, and are our own and not pytest-playwright's: Playwright keeps
an event loop running in the main thread while it is open, and tests elsewhere start loops of their own.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.people import Person, launch, sign_up
from tests.support.servers import ServerProcess, running

# Two cores shared with other tests: what a person waits for may take its time, as long as it comes.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="package")
def server_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A fresh server, with its own database file, started as `make run` starts it."""
    folder = tmp_path_factory.mktemp("e2e")
    settings = {"DEBUG": "true", "HOST": "127.0.0.1", "DATABASE_URL": f"sqlite:///{folder / 'e2e.sqlite3'}"}
    # Finished games show their reviews: soon, beside whatever else this machine does.
    settings |= {"COMPUTER_WORKERS": "1", "COMPUTER_NICENESS": "0"}
    # Games that a test leaves waiting, wait on: all tests have the same few people.
    settings |= {"WAITING_GAMES_PER_USER": "1000"}
    with running("run", folder, **settings) as process:
        yield process


@pytest.fixture(scope="package")
def server(server_process: ServerProcess) -> str:
    """Its address."""
    return server_process.url


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, as the system has it."""
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def accounts(browser: Browser, server: str) -> dict[str, dict]:
    """The cookies of some people, signed up through the site's own form. Dora is there to be signed out."""
    return {name: sign_up(browser, server, name) for name in ("alice", "bob", "charlie", "dora")}


@pytest.fixture
def person(browser: Browser, server: str, accounts: dict[str, dict]) -> Iterator[Callable[..., Person]]:
    """Makes people at browsers of their own: `person("alice")`, or `person(None)` for somebody not signed in.

    Further arguments are those of a browser context (`color_scheme="dark"`). When the test is over, no page of anyone
    may have reported an error.
    """
    people: list[Person] = []

    def make(name: str | None, **options: object) -> Person:
        people.append(Person(browser, server, name, accounts.get(name or ""), options))
        return people[-1]

    yield make
    errors = [f"{one.name}: {error}" for one in people for error in one.errors]
    for one in people:
        one.context.close()
    assert not errors, errors


@pytest.fixture
def alice(person: Callable[..., Person]) -> Person:
    """Participant 1."""
    return person("alice")


@pytest.fixture
def bob(person: Callable[..., Person]) -> Person:
    """Participant 2."""
    return person("bob")


@pytest.fixture
def charlie(person: Callable[..., Person]) -> Person:
    """A spectator, signed in."""
    return person("charlie")
