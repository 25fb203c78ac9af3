"""The lists are looked through in steps of bounded size, and nothing is missed for it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from games.demo.histories import log_of
from games.models import Change, Game, Move, Player
from games.rules.ids import new_game_id
from lobby.live_list import counting, survey
from lobby.live_list.counting import Counter
from lobby.live_list.listing import read
from lobby.live_list.survey import PLAYING, WAITING, Section
from lobby.models import User
from tests.support.site import is_about, running_game, waiting_game
from tests.support.stored_games import append_disc

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = 10


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "PAGE", PAGE)
    monkeypatch.setattr(WAITING, "most", 4)
    monkeypatch.setattr(PLAYING, "most", 4)


def quiet_games(first: User, second: User, number: int) -> None:
    """Games that began later than any other test game, in which nobody has moved for long."""
    now = timezone.now()
    rows = [
        Game(id=new_game_id(), participant1=first.player, participant2=second.player, state="in-progress",
             create_time=now, start_time=now - timedelta(minutes=11, milliseconds=n))
        for n in range(number)
    ]  # fmt: skip
    Game.objects.bulk_create(rows)
    Change.objects.bulk_create(
        change for row in rows for change in log_of(row, [(0, now - timedelta(minutes=10, seconds=30))])
    )


def live_game(first: User, second: User) -> Game:
    """A game that began long ago, and in which somebody has just moved."""
    game = running_game(first, second, start_time=timezone.now() - timedelta(hours=1))
    append_disc(game, 0, timezone.now())
    return game


def looked(kind: survey.List, known: Section, times: int) -> Section:
    """The list after so many looks."""
    for _ in range(times):
        known = kind.look(known, timezone.now())
    return known


@pytest.fixture
def steps() -> Callable[[Callable[[], object]], int]:
    """What SQLite works for a call, in hundreds of instructions of its machine."""
    raw = connection.connection

    def count(ask: Callable[[], object]) -> int:
        worked = 0

        def note() -> int:
            nonlocal worked
            worked += 1
            return 0

        raw.set_progress_handler(note, 100)
        try:
            ask()
        finally:
            raw.set_progress_handler(None, 0)
        return worked

    return count


def test_a_look_costs_no_more_where_there_are_many_games(
    alice: User, bob: User, steps: Callable[[Callable[[], object]], int]
) -> None:
    work = []
    for number in (50, 450):
        for _ in range(3):
            live_game(alice, bob)
        quiet_games(alice, bob, number)
        known = looked(PLAYING, Section(), 2)  # counts the list, which is not due again for a while
        work.append(steps(lambda known=known: looked(PLAYING, known, 5)))  # type: ignore[misc]  # bound at once
    assert work[0] > 10
    assert work[1] < 1.5 * work[0]


def test_whoever_is_far_behind_games_that_nobody_plays_is_found(alice: User, bob: User) -> None:
    game = live_game(alice, bob)
    quiet_games(alice, bob, 6 * PAGE)
    assert looked(PLAYING, Section(), 1).times == {}
    known = looked(PLAYING, Section(), 7)
    assert [*known.times] == [game.pk]
    assert [*looked(PLAYING, known, 9).times] == [game.pk], "and stays in the list"


def test_whoever_stops_being_listed_goes_wherever_they_stand(alice: User, bob: User) -> None:
    game = live_game(alice, bob)
    quiet_games(alice, bob, 2 * PAGE)
    known = looked(PLAYING, Section(), 3)
    assert [*known.times] == [game.pk]
    Move.objects.filter(game=game).update(at=timezone.now() - timedelta(minutes=11))
    assert looked(PLAYING, known, 1).times == {}


def test_the_page_finds_who_waits_behind_many_whose_creators_are_gone(alice: User, bob: User) -> None:
    game = waiting_game(alice)
    Player.objects.filter(pk=bob.player.pk).update(seen_at=timezone.now() - timedelta(minutes=1))
    now = timezone.now() + timedelta(seconds=1)
    Game.objects.bulk_create(Game(id=new_game_id(), participant1=bob.player, create_time=now) for _ in range(3 * PAGE))
    assert [game.id for game in read(None, timezone.now()).waiting] == [game.pk]


def test_games_of_the_same_instant_are_all_looked_at(alice: User) -> None:
    is_about(alice)
    now = timezone.now()
    ghosts = [Game(id=new_game_id(), participant1=alice.player, create_time=now) for _ in range(25)]
    Game.objects.bulk_create(ghosts)
    Player.objects.filter(pk=alice.pk).update(seen_at=now - timedelta(minutes=1))
    seen: set[str] = set()
    place = None
    for _ in range(3):
        stretch, _ = WAITING._stretch(now, place)
        assert not seen & stretch.keys()
        seen |= stretch.keys()
        place = survey._last(stretch)
    assert len(seen) == 25


def test_a_short_list_knows_its_length_and_a_long_one_is_counted(alice: User, bob: User) -> None:
    for _ in range(3):
        running_game(alice, bob)
    known = looked(PLAYING, Section(), 1)
    assert (known.is_whole, known.count) == (True, 3)
    for _ in range(PAGE + 5):
        running_game(alice, bob)
    counter, PLAYING._counter = PLAYING._counter, Counter(PLAYING._counter._count)
    try:
        known = looked(PLAYING, known, 1)
    finally:
        PLAYING._counter = counter
    assert (known.is_whole, known.count, len(known.times)) == (False, PAGE + 8, PAGE)


class Clock:
    """Seconds that pass when a count takes them."""

    def __init__(self) -> None:
        self.now = 0.0
        self.counts = 0

    def __call__(self) -> float:
        return self.now

    def count_slowly(self) -> int:
        self.now += 0.5
        self.counts += 1
        return 7000 + self.counts


def test_a_count_takes_no_more_than_its_share_of_the_time() -> None:
    clock = Clock()
    counter = Counter(clock.count_slowly, clock)
    while clock.now < 1000:
        assert counter.read(at_least=1) == 7000 + clock.counts
        clock.now += 1.0
    assert clock.counts == 10
    assert clock.counts * 0.5 * counting.SHARE <= 1001
    assert counter.read(at_least=9000) == 9000


def test_a_count_that_fails_leaves_the_last(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    answers = iter([5, DatabaseError("canceling statement due to statement timeout")])

    def count() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    counter = Counter(count, clock)
    assert counter.read(0) == 5
    clock.now += counting.INTERVAL
    assert counter.read(0) == 5
    assert "could not be counted" in caplog.text
    assert counter.read(0) == 5, "and not at once again"
