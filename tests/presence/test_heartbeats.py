"""Who is alive by the store, and since when somebody was not."""

from datetime import UTC, datetime, timedelta

import pytest

from games.models import Process
from games.presence.heartbeats import KEPT_FOR, Beat, alive, lost_at, note_alive, read_beats

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


BEATS = [
    Beat("lives", at(59), False),
    Beat("silent", at(30), False),
    Beat("ended", at(58), True),
    Beat("old", at(-9), True),
]


def test_who_is_alive() -> None:
    assert alive(BEATS, at(60)) == ["lives"]
    assert alive(BEATS, at(32.9)) == ["lives", "silent"]
    assert alive(BEATS, at(63)) == []


@pytest.mark.parametrize(("since", "lost"), [(0, 30), (30, 30), (31, 30), (32, 58), (58, 58), (58.5, None), (-10, -9)])
def test_since_when_somebody_is_gone_who_was_there(since: float, lost: float | None) -> None:
    assert lost_at(BEATS, at(since), at(60)) == (None if lost is None else at(lost))


@pytest.mark.django_db
def test_signs_of_life_are_kept_as_long_as_a_turn_may_take() -> None:
    note_alive("a", NOON)
    note_alive("b", NOON + timedelta(seconds=1))
    note_alive("a", NOON + timedelta(seconds=2))
    note_alive("b", NOON + timedelta(seconds=3), True)
    # Servers of other tests may be alive in this database.
    beats = sorted(beat for beat in read_beats() if beat.id in ("a", "b", "c"))
    assert beats == [Beat("a", at(2), False, NOON), Beat("b", at(3), True, at(1))]
    note_alive("c", at(2.5) + KEPT_FOR)
    assert sorted(Process.objects.filter(pk__in="abc").values_list("pk", flat=True)) == ["b", "c"]
