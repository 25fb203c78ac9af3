"""Times are written quickly, and as everybody else writes them."""

from datetime import UTC, datetime

from django.db.backends.sqlite3.base import DatabaseWrapper
from hypothesis import given
from hypothesis import strategies as st

from games.game.changes import Drop
from games.protocol import timestamp
from games.storage.inserting import as_arrays, time_as_stored

times = st.datetimes(timezones=st.just(UTC)) | st.datetimes(timezones=st.just(UTC)).map(
    lambda time: time.replace(microsecond=0)
)

SQLITE = DatabaseWrapper({"TIME_ZONE": None, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False, "OPTIONS": {}})


@given(times)
def test_on_the_wire_it_has_milliseconds(time: datetime) -> None:
    assert timestamp(time) == time.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


@given(times)
def test_sqlite_gets_what_django_writes(time: datetime) -> None:
    assert time_as_stored(SQLITE, time) == SQLITE.ops.adapt_datetimefield_value(time)


@given(times)
def test_postgresql_gets_the_very_moment(time: datetime) -> None:
    change = Drop(game_id="A9F3QX", number=2, at=time, seat=1, column=3)
    [written] = [text for text in as_arrays([change]) if text.endswith(b'Z"}')]
    assert datetime.fromisoformat(written.decode()[2:-2]) == time
