"""What a hub reads: only what changed, in a number of queries that doesn't grow."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lobby.live_list.listing import Known, Question, catch_up
from lobby.models import User
from tests.support.site import running_game, waiting_game

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY: frozenset[int] = frozenset()


def everything(*people: User) -> Question:
    return Question(frozenset(), is_survey=True, is_review=True, listening=frozenset(user.pk for user in people))


def changed(*game_ids: str) -> Question:
    return Question(frozenset(game_ids), is_survey=False, is_review=False, listening=NOBODY)


def test_queries_do_not_grow_with_the_games(alice: User, bob: User) -> None:
    counts = []
    for number in (2, 30):
        games = [running_game(alice, bob, "4455") for _ in range(number)] + [waiting_game(alice)]
        known = catch_up(Known(), everything(alice, bob), timezone.now())
        with CaptureQueriesContext(connection) as complete:
            catch_up(known, everything(alice, bob), timezone.now())
        with CaptureQueriesContext(connection) as partial:
            catch_up(known, changed(*(game.pk for game in games)), timezone.now())
        counts.append((len(complete), len(partial)))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 9


def test_a_game_that_is_neither_listed_nor_anybodys_is_counted_and_not_read(alice: User, bob: User) -> None:
    now = timezone.now()
    games = [running_game(alice, bob, "4", start_time=now - timedelta(minutes=9, seconds=-n)) for n in range(30)]
    known = catch_up(Known(), everything(), now)
    assert len(known.games) == 24
    with CaptureQueriesContext(connection) as captured:
        after = catch_up(known, changed(games[0].pk), now)
    assert (len(after.playing.times), after.playing.count) == (30, 30)
    assert after.games.keys() == known.games.keys()
    assert not any('"games_change"."column"' in query["sql"] for query in captured)


def test_unchanged_games_are_taken_over(alice: User, bob: User) -> None:
    one, other = running_game(alice, bob), running_game(alice, bob)
    known = catch_up(Known(), everything(), timezone.now())
    after = catch_up(known, changed(one.pk), timezone.now())
    assert after.games[other.pk] is known.games[other.pk]
    assert after.games[one.pk] is not known.games[one.pk]
    assert after.games[one.pk] == known.games[one.pk]


def test_an_id_that_is_no_game_is_no_matter(transactional_db: None) -> None:
    known = catch_up(Known(), everything(), timezone.now())
    assert catch_up(known, changed("A9F3QX"), timezone.now()) == known
