"""Reviews of games that end: queued once, done once, told to whoever is in the game; whatever dies in between."""

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.utils import timezone

from games.computer.models import Review
from games.computer.review import decode, encode
from games.computer.reviews import queue, queueing, reviewer
from games.computer.reviews.queueing import Queueing
from games.computer.solver.engine import Engine, EngineUnavailable
from games.computer.workers.pool import NoAnswer, Pool
from games.game.commands import Cancel
from games.layers.broadcast import Broadcast
from games.models import Game, Player
from games.protocol import OfferRematch, PlayMove, Resign
from games.runtime import Runtime
from tests.support.houses import House
from tests.support.stored_games import ALICE_WINS, store_finished, store_game

WITHIN = 180.0
"""Seconds that a test waits; a busy machine starts a worker slowly."""
COLUMNS = [int(digit) - 1 for digit in ALICE_WINS]


def until(condition: Callable[[], Any]) -> Any:
    """What a condition gives at last."""
    end = time.monotonic() + WITHIN
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)
    return found


def serve(*houses: House) -> None:
    """Have houses do reviews."""

    async def start(_: object) -> None:
        Runtime.here().thinking.serve()

    for house in houses:
        house.ask(start).result(WITHIN)


def sweep(*houses: House) -> None:
    """Let houses look for what is pending, at the same time."""
    for look in [house.ask(lambda _: Runtime.here().after.sweep(timezone.now())) for house in houses]:
        look.result(WITHIN)


def done(game: Game) -> Review | None:
    return Review.objects.done().filter(pk=game.pk).first()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What groups were told."""
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(Broadcast, "tell", lambda _, game_id, text: told.append((game_id, text)))
    return told


def test_a_game_that_ends_is_reviewed_once_and_its_group_told(
    houses: list[House], people: tuple[Player, Player], engine: Engine, told: list[tuple[str, str]]
) -> None:
    game = store_game(*people, ALICE_WINS[:-1])
    serve(*houses)
    assert houses[0].begin(game, people[0].pk, PlayMove(column=0, ply=7)).result(WITHIN) == "done"
    assert houses[0].begin(game, people[1].pk, OfferRematch()).result(WITHIN) == "done"
    found = until(lambda: done(game))
    assert bytes(found.scores) == encode(0, engine.score_game(COLUMNS))
    until(lambda: told)
    sweep(*houses)
    assert Review.objects.count() == 1
    assert told == [(game.pk, '{"type":"review_ready"}')]


def test_a_lost_hint_is_found_and_a_game_without_a_second_person_left_alone(
    houses: list[House], people: tuple[Player, Player], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Queueing, "flush", lambda _: None)
    games = [store_game(*people, "4") for _ in range(27)]  # more than one look takes
    for game in games:
        assert houses[0].begin(game, people[0].pk, Resign()).result(WITHIN) == "done"
    waiting = store_game(people[0], None)
    assert houses[0].begin(waiting, people[0].pk, Cancel()).result(WITHIN) == "done"
    assert not Review.objects.exists()
    sweep(*houses)
    assert {*Review.objects.values_list("pk", flat=True)} == {game.pk for game in games}


def test_a_game_is_queued_at_once_and_those_that_end_right_after_it_together(
    houses: list[House], people: tuple[Player, Player], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def flush(_: object) -> None:
        Runtime.here().thinking.queueing.flush()

    writes: list[set[str]] = []
    monkeypatch.setattr(Queueing, "_queue", lambda _, game_ids: writes.append({*game_ids}))
    monkeypatch.setattr(queueing, "GATHERING", 3600.0)
    games = [store_game(*people, "4") for _ in range(3)]
    for game in games:
        assert houses[0].begin(game, people[0].pk, Resign()).result(WITHIN) == "done"
    until(lambda: writes)
    houses[0].ask(flush).result(WITHIN)
    until(lambda: len(writes) == 2)
    assert writes == [{games[0].pk}, {games[1].pk, games[2].pk}]


def test_games_of_long_ago_are_not_queued_unasked(houses: list[House], people: tuple[Player, Player]) -> None:
    store_finished(*people, ALICE_WINS, "four_in_a_row", 1)
    sweep(*houses)
    assert not Review.objects.exists()


def test_looks_go_back_only_to_what_was_noted(houses: list[House], people: tuple[Player, Player]) -> None:
    async def note(_: object) -> None:
        await Runtime.here().thinking.note_looked()

    missed = store_finished(*people, ALICE_WINS, "four_in_a_row", 1, end_time=timezone.now())
    houses[0].ask(note).result(WITHIN)
    assert queue.looked_until(timezone.now()) < timezone.now() - timedelta(hours=23)  # not while one is missing
    sweep(houses[0])
    assert Review.objects.get().pk == missed.pk
    houses[0].ask(note).result(WITHIN)
    assert queue.looked_until(timezone.now()) > timezone.now() - queue.LATE - timedelta(minutes=1)


def test_a_game_without_a_disc_needs_no_worker(
    houses: list[House], people: tuple[Player, Player], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pool, "ask", None)
    game = store_game(*people)
    serve(houses[0])
    assert houses[0].begin(game, people[0].pk, Resign()).result(WITHIN) == "done"
    assert decode(bytes(until(lambda: done(game)).scores), []).plies == ()


def test_one_that_fails_is_put_off_and_the_next_done(
    houses: list[House], people: tuple[Player, Player], monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    ask = Pool.ask

    async def fail(pool: Pool, question: Any) -> Any:
        if len(question.columns) == 1:
            raise NoAnswer("for the test")
        return await ask(pool, question)

    monkeypatch.setattr(Pool, "ask", fail)
    bad, good = store_game(*people, "4"), store_game(*people, ALICE_WINS[:-1])
    serve(houses[0])
    for game in (bad, good):
        assert houses[0].begin(game, people[0].pk, Resign()).result(WITHIN) == "done"
    until(lambda: done(good))
    until(lambda: Review.objects.get(pk=bad.pk).attempts == 1)
    assert "could not be reviewed, and is put off" in caplog.text


def test_a_process_without_an_engine_leaves_reviews_to_others(
    houses: list[House], people: tuple[Player, Player], monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    ask = Pool.ask
    lacking: list[Pool] = []

    async def lack(pool: Pool, question: Any) -> Any:
        if not lacking or lacking == [pool]:
            lacking[:] = [pool]
            raise EngineUnavailable("there is no book")
        return await ask(pool, question)

    monkeypatch.setattr(Pool, "ask", lack)
    game = store_finished(*people, ALICE_WINS, "four_in_a_row", 1)
    queue.queue([game.pk], timezone.now())
    serve(houses[0])
    until(lambda: lacking)
    serve(houses[1])
    until(lambda: done(game))
    assert "games can't be reviewed here: there is no book" in caplog.text
    assert Review.objects.get().attempts == 0


def test_a_long_review_stays_its_processs_own(
    houses: list[House], people: tuple[Player, Player], monkeypatch: pytest.MonkeyPatch, told: list[tuple[str, str]]
) -> None:
    monkeypatch.setattr(reviewer, "RENEW_EVERY", 0.1)
    monkeypatch.setattr(reviewer, "LOOK_EVERY", 0.1)
    asked: list[int] = []
    may_answer = threading.Event()
    ask = Pool.ask

    async def slowly(pool: Pool, question: Any) -> Any:
        asked.append(1)
        while not may_answer.is_set():
            await asyncio.sleep(0.01)
        return await ask(pool, question)

    monkeypatch.setattr(Pool, "ask", slowly)
    game = store_finished(*people, ALICE_WINS, "four_in_a_row", 1)
    queue.queue([game.pk], timezone.now())
    serve(*houses)
    ends = until(lambda: Review.objects.get().claimed_until)
    until(lambda: Review.objects.get().claimed_until > ends)  # it was renewed: its first claim ends, and it is still
    with transaction.atomic():
        assert queue.claim("a third", ends) is None
    may_answer.set()
    until(lambda: done(game))
    until(lambda: told)
    assert len(asked) == 1


def test_without_workers_games_are_queued_for_others(
    houses: list[House], people: tuple[Player, Player], settings: LazySettings
) -> None:
    settings.COMPUTER_WORKERS = 0
    game = store_game(*people, "4")
    serve(houses[0])
    assert houses[0].begin(game, people[0].pk, Resign()).result(WITHIN) == "done"
    until(lambda: Review.objects.queued().filter(pk=game.pk))
