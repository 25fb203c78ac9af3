"""`clock.js` and `time_control.js`: pure functions, called in a real browser."""

from typing import Any

import pytest
from playwright.sync_api import Page

from games.protocol.objects import TimeControlObject
from games.records.words import pace_in_words
from games.rules.time_controls import Countdown, Days, speed_of
from lobby.pairing.time_choices import OFFERED
from tests.e2e.people import Person

pytestmark = pytest.mark.needs("chromium", "playwright")


@pytest.fixture
def page(alice: Person) -> Page:
    alice.page.goto("/accounts/")
    return alice.page


def run(page: Page, body: str, argument: Any = None, module: str = "game/clock.js") -> Any:
    """What a function body gives that has the module as `m`."""
    script = f'async (given) => {{ const m = await import("/static/js/{module}"); {body} }}'
    return page.evaluate(script, argument)


def test_times_as_clocks_and_sentences_show_them(page: Page) -> None:
    given = [0, 40, 9_940, 9_999, 10_000, 59_999, 60_000, 3_599_999, 3_600_000, 86_399_000, 86_400_000, 180_000_000]
    shown = run(page, "return given.map(m.clockText)", given)
    assert shown == [
        "0:00.0", "0:00.0", "0:09.9", "0:09.9", "0:10", "0:59", "1:00", "59:59", "1:00:00", "23:59:59", "1 day",
        "2 days 2 h",
    ]  # fmt: skip
    assert run(page, "return given.map(m.countdownText)", [1, 1000, 26_001, 60_000, 3_600_000]) == [
        "0:01", "0:01", "0:27", "1:00", "1:00:00"
    ]  # fmt: skip
    assert run(page, "return given.map(m.tookText)", [0, 840, 9_949, 9_950, 59_499, 185_000, 100_000_000]) == [
        "0.0 s", "0.8 s", "9.9 s", "10 s", "59 s", "3:05", "1 day 3 h"
    ]  # fmt: skip
    assert run(page, "return given.map(m.spokenText)", [999, 1000, 65_000, 60_000, 3_661_000, 183_600_000]) == [
        "no time", "1 second", "1 minute 5 seconds", "1 minute", "1 hour 1 minute", "2 days 3 hours"
    ]  # fmt: skip


def test_a_clock_is_drawn_again_just_when_it_looks_different(page: Page) -> None:
    # Following `untilChange` from the start to zero: each wait brings another text, and skips none.
    walk = """let [ms, texts] = [given, []];
      while (ms > 0) { texts.push(m.clockText(ms)); ms -= m.untilChange(ms); }
      return texts;"""
    texts = run(page, walk, 65_432)
    assert len(texts) == len(set(texts)) == 56 + 100
    assert texts[:2] == ["1:05", "1:04"]
    assert texts[-2:] == ["0:00.1", "0:00.0"]


def test_only_the_running_clock_goes_down_and_never_below_zero(page: Page) -> None:
    clock = {"remainingMs": [5000, 7000], "running": 2, "at": "2026-11-20T12:00:00.000Z", "firstMoveBy": None}
    at = "Date.parse('2026-11-20T12:00:00.000Z')"
    times = "[-300, 0, 2500, 9000]"
    left = f"return {times}.map((ms) => [1, 2].map((seat) => m.remainingMs(given, seat, {at} + ms)))"
    assert run(page, left, clock) == [[5000, 7000], [5000, 7000], [5000, 4500], [5000, 0]]
    assert run(page, f"return m.firstMoveMs(given, {at})", clock) is None
    waiting = {**clock, "running": None, "firstMoveBy": "2026-11-20T12:00:20.000Z"}
    assert run(page, f"return [0, 25000].map((ms) => m.firstMoveMs(given, {at} + ms))", waiting) == [20_000, 0]


def test_what_is_low_depends_on_what_one_began_with(page: Page) -> None:
    controls = [{"initial": seconds, "increment": 0} for seconds in (15, 30, 60, 120, 300, 3600)]
    assert run(page, "return given.map(m.lowBelowMs)", controls) == [5000, 10_000, 10_000, 15_000, 37_500, 60_000]


def test_thirty_and_ten_seconds_are_told_once(page: Page) -> None:
    passed = "return given.map(([before, now]) => m.markPassed(before, now))"
    pairs = [[31_000, 30_000], [30_000, 29_900], [12_000, 9_900], [9_900, 9_800], [31_000, 9_000], [9_000, 40_000]]
    assert run(page, passed, pairs) == [30_000, None, 10_000, None, 30_000, None]


SERVER_TIME = """
  const [delayUp, delayDown, offset] = given;
  const time = new m.ServerTime(offset + 1000 + 0, 1000 + 400);  // the page took 400 ms to come
  const off = [];
  for (let local = 2000, n = 0; n < 30; local += 1500, n += 1) {
    const up = n % 7 === 3 ? 900 : delayUp;  // now and then one is slow
    time.answered(offset + local + up, local, local + up + delayDown);
    off.push(time.at(local + up + delayDown) - (offset + local + up + delayDown));
  }
  return off;
"""


@pytest.mark.parametrize(("up", "down"), [(5, 5), (150, 150), (300, 20), (0, 400)])
def test_the_servers_time_is_known_to_half_a_round_trip(page: Page, up: int, down: int) -> None:
    offsets = run(page, SERVER_TIME, [up, down, 1_700_000_000_000 - 3_600_000])
    assert all(abs(off) <= (up + down) / 2 for off in offsets)
    assert max(offsets) - min(offsets) <= (up + down) / 2, "the clock jumps by more than the lag"


def test_a_clock_that_is_set_is_followed_with_the_next_answer(page: Page) -> None:
    script = """const time = new m.ServerTime(0, 0);
      for (let n = 0; n < 8; n += 1) time.answered(1000 * n + 10, 1000 * n, 1000 * n + 20);
      const before = time.at(8000);
      time.answered(60000, 9000, 9020);
      return [before, time.at(9020)];"""
    assert run(page, script) == [8000, 60_010]


def test_thinking_begins_when_this_page_was_told(page: Page) -> None:
    script = """const game = (turn, plies) => ({ turn, moves: Array(plies).fill(0) });
      const told = m.turnNow(null, game(2, 3), 100, null);
      const same = m.turnNow(told, game(2, 3), 900, 0);
      const next = m.turnNow(same, game(1, 4), 1000, 0);
      const reloaded = m.turnNow(null, game(1, 4), 1000, 250);
      return [told, same, next, reloaded].map((turn) => turn.since);"""
    assert run(page, script) == [100, 100, 1000, 250]


def test_time_controls_read_as_the_server_writes_them(page: Page) -> None:
    controls = [*OFFERED.values(), Countdown(15, 0), Countdown(90, 7), Countdown(3600, 60), Days(1)]
    games = []
    for control in controls:
        written = TimeControlObject.of(control)
        keys = {"initial": "initial", "increment": "increment", "days_per_move": "daysPerMove"}
        fields = {
            ours: getattr(written, name) for name, ours in keys.items() if isinstance(getattr(written, name, None), int)
        }
        games.append({"speed": speed_of(control).value, "timeControl": fields or None})
    words = run(page, "return given.map(m.paceWords)", games, "site/time_control.js")
    assert words == [pace_in_words(control) for control in controls]
