"""For how long no process was there: what nobody is charged for in games by days."""

from datetime import UTC, datetime, timedelta

import pytest

from games.models import Process
from games.presence.heartbeats import STOOD_STILL, Beat, down_ms, note_alive, read_beats

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def life(name: str, began: float, seen: float, ended: bool = True) -> Beat:
    return Beat(name, at(seen), ended, at(began))


ONE = life("a", -50, 100)
LIVES = life("z", 400, 1000, ended=False)


@pytest.mark.parametrize(
    ("beats", "down_s"),
    [
        ([], 1000),
        ([life("a", -50, 1000, ended=False)], 0),
        ([ONE, LIVES], 305),
        ([ONE, life("b", 90, 300), LIVES], 105),  # another took over
        ([ONE, life("b", 20, 90), life("c", 300, 350), LIVES], 205 + 55),
        ([ONE], 900),  # nobody is there now
        ([Beat("old", at(1000), False)], 0),  # a release that did not say when it began
    ],
)
def test_the_times_without_a_process_and_five_seconds_after_each(beats: list[Beat], down_s: float) -> None:
    assert down_ms(beats, NOON, at(1000)) == down_s * 1000


@pytest.mark.django_db
def test_a_process_that_slept_has_two_lives() -> None:
    Process.objects.all().delete()
    note_alive("a", NOON)
    note_alive("a", at(1))
    woken = at(1) + STOOD_STILL + timedelta(seconds=9)
    note_alive("a", woken)
    # Servers of other tests may be alive in this database.
    first, second = sorted((beat for beat in read_beats() if beat.seen_at <= woken), key=lambda beat: beat.seen_at)
    assert (first.started_at, first.seen_at, first.ended) == (NOON, at(1), True)
    assert second == Beat("a", woken, False, woken)
    assert Process.objects.filter(seen_at__lte=woken).count() == 2
