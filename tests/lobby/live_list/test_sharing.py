"""One process looks at the lists for all; who is told what it found looks only at what differs."""

import asyncio
from typing import Any

import pytest
from django.utils import timezone

from games.models import Game
from games.runtime import Runtime
from lobby.live_list import hub as hub_module
from lobby.live_list import listing, sharing
from lobby.live_list.hub import Hub
from lobby.live_list.listing import Known, Question, catch_up
from lobby.models import User
from tests.support.lobbies import heard, in_a_loop, listening, play, told
from tests.support.site import running_game, waiting_game
from tests.support.stored_games import append_disc

pytestmark = pytest.mark.django_db(transaction=True)
SURVEY = Question(frozenset(), is_survey=True, is_review=True, listening=frozenset())


def known_now() -> Known:
    """What a process knows that has just looked."""
    return catch_up(Known(), SURVEY, timezone.now())


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """What the hub asks of the store, as it goes on."""
    asked: list[Question] = []

    def note(known: Known, question: Question, *rest: Any) -> Known:
        asked.append(question)
        return catch_up(known, question, *rest)

    monkeypatch.setattr(listing, "catch_up", note)
    return asked


def test_what_two_processes_see_alike_is_not_in_doubt(alice: User, bob: User) -> None:
    running_game(alice, bob, "44")
    waiting_game(alice)
    assert sharing.in_doubt(known_now(), sharing.finding(known_now())) == set()


def test_what_came_went_or_changed_is_in_doubt(alice: User, bob: User) -> None:
    waits, ends, moves = waiting_game(alice), running_game(alice, bob), running_game(alice, bob)
    before = known_now()
    Game.objects.filter(pk=ends.pk).update(state="finished", reason="resignation", winner=1, end_time=timezone.now())
    append_disc(moves, 3, timezone.now())
    comes = running_game(alice, bob)
    found = sharing.finding(known_now())
    assert sharing.in_doubt(before, found) == {ends.pk, moves.pk, comes.pk}
    assert waits.pk in before.games
    assert sharing.with_counts(before, found).playing.count == 2


def test_who_is_told_does_not_look(
    alice: User, bob: User, questions: list[Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "LOOK_INTERVAL", 1.0)
    monkeypatch.setattr(hub_module, "REVIEW_INTERVAL", 1.0)
    game = running_game(alice, bob)

    async def story() -> None:
        async with listening(None) as listener:
            await asyncio.sleep(1.8)
            assert [question.is_survey for question in questions].count(True) >= 2, "left alone it looks for itself"
            await told(lambda: append_disc(game, 3, timezone.now()))
            found = sharing.finding(await told(known_now))
            questions.clear()
            for _ in range(6):
                Hub.here()._take_hint(found)
                await asyncio.sleep(0.3)
            assert not any(question.is_survey for question in questions)
            assert (await heard(listener, "game_updated"))["game"]["moves"] == [3], "but sees what differs"

    in_a_loop(story)


def test_the_others_are_told_what_a_look_found(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    game = waiting_game(alice)
    sent: list[tuple[str, Any]] = []

    async def story() -> None:
        monkeypatch.setattr(Runtime.here().broadcast, "send_elsewhere", lambda *message: sent.append(message))
        async with listening(None):
            assert [(group, [*message["waiting"]]) for group, message in sent] == [("lobby", [game.pk])]

    in_a_loop(story)


def test_a_move_of_a_game_that_nobody_is_shown_is_not_looked_at(
    alice: User, bob: User, charlie: User, questions: list[Question]
) -> None:
    games = [running_game(alice, bob) for _ in range(25)]
    first = Game.objects.order_by("start_time", "-id").values_list("pk", flat=True)[0]
    assert first in {game.pk for game in games}

    async def story() -> None:
        async with listening(None):
            questions.clear()
            await play(alice, first, 3, 1)
            await asyncio.sleep(0.6)
            assert not questions

    in_a_loop(story)


def test_of_very_many_changes_only_those_shown_are_looked_at_one_by_one(
    alice: User, bob: User, questions: list[Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "MAX_CHANGED", 3)
    game = running_game(alice, bob)

    async def story() -> None:
        async with listening(None) as listener:
            questions.clear()
            await told(lambda: append_disc(game, 3, timezone.now()))
            ids = [game.pk, "000001", "000002", "000003"]
            Hub.here()._take_hint({"type": "games.changed", "ids": ids, "moved": []})
            assert (await heard(listener, "game_updated"))["game"]["moves"] == [3]
            assert (questions[0].changed, questions[0].is_survey) == ({game.pk}, True)

    in_a_loop(story)
