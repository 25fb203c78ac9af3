"""People at browsers: what they do, in their words."""

import re
import shutil
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Playwright, expect

PASSWORD = "correct-horse-42"


_AXE = {"resultTypes": ["violations"]}
_OF_COLOURS = {**_AXE, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""Only the rules of axe-core that a page may break in one colour scheme and keep in the other."""
_SCHEMES = ("light", "dark")
_END_TRANSITIONS = "document.getAnimations().filter(one => one instanceof CSSTransition).forEach(one => one.finish())"
"""The admin's links take a moment to change their colour."""


def chromium_path() -> str | None:
    """The system's Chromium, if it can be without its windows, which halve its speed; None lets Playwright look."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    return next(filter(None, map(shutil.which, names)), None)


_OFF = (
    # Windows of the browser's own that are drawn in HTML, and a process kept ready: each person would start three
    # processes more, which is more than half of what opening a page costs.
    "InitialWebUI", "WebUIToolbar", "WebUIReloadButton", "WebUIOmniboxPopup", "WebUIOmniboxFullPopup",
    "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess",
    # What Playwright switches off, of which ours takes the place.
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades", "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding",
    "PreconnectToSearch", "ThirdPartyStoragePartitioning",
)  # fmt: skip


def launch(playwright: Playwright) -> Browser:
    """The system's Chromium, without what costs much and nobody looks at."""
    return playwright.chromium.launch(
        executable_path=chromium_path(),
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            f"--disable-features={','.join(_OFF)}",
        ],
    )


def stop_time(page: Page) -> None:
    """Stop a page's clock: from now on its timers go off only as a test lets time pass (`page.clock.run_for`)."""
    page.clock.install(time=0)
    page.clock.pause_at(60_000)


def sign_up(browser: Browser, server: str, name: str) -> dict[str, Any]:
    """Sign somebody up through the form; gives the state of the browser, cookies and all."""
    context = browser.new_context(base_url=server)
    page = context.new_page()
    page.goto("/accounts/signup/")
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form").get_by_role("button", name=re.compile("sign up|create", re.I)).click()
    expect(page.locator(".menu-name")).to_have_text(name)
    state = dict(context.storage_state())
    context.close()
    return state


class Person:
    """Somebody at a browser: one context (cookies, storage), one page to begin with.

    Attributes:
        name: the user name; None for somebody who is not signed in.
        page: the page in front of them.
        errors: what their pages reported: exceptions, and refusals of the content security policy.
    """

    def __init__(
        self, browser: Browser, server: str, name: str | None, state: dict[str, Any] | None, options: dict[str, Any]
    ) -> None:
        self.name = name
        self.errors: list[str] = []
        self.context = browser.new_context(
            base_url=server, storage_state=state, **{"reduced_motion": "reduce", **options}
        )
        self._scheme = str(options.get("color_scheme", "light"))
        self.context.set_default_timeout(15_000)
        self.context.on("page", self._listen)
        self.page = self.context.new_page()

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if "Content Security" in message.text:
            self.errors.append(message.text)

    def count_presses(self) -> None:
        """Count what this person presses from the next page on, over all pages of this tab."""
        self.context.add_init_script(
            "addEventListener('pointerdown',"
            " () => { sessionStorage.presses = 1 + Number(sessionStorage.presses ?? 0); }, true)"
        )

    @property
    def presses(self) -> int:
        """How often they have pressed something since `count_presses`."""
        return int(self.page.evaluate("sessionStorage.presses ?? 0"))

    # --- forms, sent as the pages send them ---------------------------------------------------------------------

    def post(self, path: str, form: dict[str, str] | None = None) -> str:
        """Send a form and follow it; gives the address reached."""
        token = next((c["value"] for c in self.context.cookies() if c["name"] == "csrftoken"), None)
        if token is None:
            self.context.request.get("/accounts/")
            token = next(c["value"] for c in self.context.cookies() if c["name"] == "csrftoken")
        answer = self.context.request.post(path, form={**(form or {}), "csrfmiddlewaretoken": token})
        assert answer.ok, f"{path}: {answer.status}"
        return answer.url

    def create_game(self, first_move: str = "1", visibility: str = "public", **fields: str) -> str:
        """Make a game without a click; gives its ID. Further fields are those of the form, such as ``time="60+1"``."""
        reached = self.post("/games/new/", {"visibility": visibility, "first_move": first_move, **fields})
        match = re.search(r"/games/([0-9A-Z]{6})/", reached)
        assert match, reached
        return match[1]

    def sign_in(self) -> None:
        """Fill in the sign-in form that the page shows."""
        self.page.locator("input[name=username]").fill(self.name or "")
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.locator("main form").get_by_role("button", name="Sign in").click()

    def sign_up(self, name: str) -> None:
        """Become somebody with an account, without a click."""
        self.post("/accounts/signup/", {"username": name, "password": PASSWORD})
        self.name = name

    def join(self, game_id: str) -> None:
        """Join a game without a click."""
        self.post(f"/join/{game_id}/")

    # --- the game page ------------------------------------------------------------------------------------------

    def open_game(self, game_id: str) -> None:
        """Open a game's page and wait until it is connected."""
        self.page.goto(f"/games/{game_id}/")
        self.expect_connected()

    def expect_connected(self) -> None:
        """The connection has told who is there."""
        expect(self.page.locator("main")).to_have_attribute("data-connection", "open")

    @property
    def columns(self) -> Locator:
        """The seven buttons over the board."""
        return self.page.locator(".columns button")

    @property
    def moves(self) -> Locator:
        """The entries of the list of moves."""
        return self.page.locator(".moves li")

    @property
    def status(self) -> Locator:
        """Where the game stands, in words."""
        return self.page.locator("[data-status]")

    def play(self, column: int) -> None:
        """Drop a disc; columns are counted from 1, as on the page. Waits for one's turn, and for the confirmation."""
        chosen = self.columns.nth(column - 1)
        expect(chosen).to_have_attribute("aria-disabled", "false")  # the other's disc is on the page now, and counted
        before = self.moves.count()
        chosen.click()
        self.expect_moves(before + 1)

    def expect_moves(self, count: int) -> None:
        """So many moves are on the page, none of them pending."""
        expect(self.moves).to_have_count(count)
        expect(self.page.locator(".disc.pending")).to_have_count(0)

    def expect_position(self, notation: str, first_move: int = 1) -> None:
        """The board as a screen reader has it shows this game, and the drawing has as many discs."""
        expect(self.page.locator(".board .disc-body")).to_have_count(
            len(notation) + self.page.locator(".hover-disc").count()
        )
        assert self._table() == _expected_table(notation, self._names(), first_move)

    def _names(self) -> dict[int, str]:
        bars = self.page.locator(".seat")
        return {
            int(bars.nth(i).get_attribute("data-seat") or 0): bars.nth(i).locator(".seat-name").inner_text()
            for i in (0, 1)
        }

    def _table(self) -> list[list[str]]:
        return self.page.locator("[data-board-table] tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent))"
        )

    def expect_accessible(self) -> None:
        """axe-core finds nothing to complain of on the page as it is now, nor with the other scheme's colours."""
        self._expect_no_violation(_AXE)
        [other] = set(_SCHEMES) - {self._scheme}
        self._prefer(other)
        self._expect_no_violation(_OF_COLOURS)
        self._prefer(self._scheme)

    def _prefer(self, scheme: str) -> None:
        self.page.emulate_media(color_scheme=scheme)
        self.page.evaluate(_END_TRANSITIONS)

    def _expect_no_violation(self, options: dict[str, Any]) -> None:
        found = Axe().run(self.page, options=options)
        scheme = self.page.evaluate("getComputedStyle(document.documentElement).colorScheme")
        assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"


def _expected_table(notation: str, names: dict[int, str], first_move: int) -> list[list[str]]:
    """The rows of the table, top one first."""
    rows = [["empty"] * 7 for _ in range(6)]
    heights = [0] * 7
    for ply, digit in enumerate(notation):
        column = int(digit) - 1
        mover = first_move if ply % 2 == 0 else 3 - first_move
        rows[5 - heights[column]][column] = names[mover]
        heights[column] += 1
    return rows
