"""`manage.py end_deserted_games` ends what everybody has left, once, and nothing else."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from games.management.commands import end_deserted_games
from games.models import Game, Player
from games.protocol import ErrorCode, GameError
from games.records.verification import check_all
from games.registry.endings import CHUNK, Ending
from games.registry.registry import Registry
from tests.support.stored_games import append, append_disc, store_game

pytestmark = pytest.mark.django_db(transaction=True)


def run_command() -> str:
    out = StringIO()
    call_command("end_deserted_games", stdout=out)
    return out.getvalue()


def ago(**period: int) -> datetime:
    return timezone.now() - timedelta(**period)


def started(moment: datetime) -> dict[str, datetime]:
    return {"create_time": moment, "start_time": moment}


def test_nothing_to_do() -> None:
    assert run_command() == "0 abandoned, 0 cancelled.\n"


def test_a_game_without_a_move_for_a_week_ends_without_a_winner(alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "4435", **started(ago(days=7, minutes=1)))
    assert run_command() == "1 abandoned, 0 cancelled.\n"
    game.refresh_from_db()
    assert (game.state, game.reason, game.winner, len(game.columns)) == ("finished", "abandonment", None, 4)
    assert game.end_time is not None
    assert timezone.now() - game.end_time < timedelta(minutes=1)


def test_a_game_in_which_nobody_ever_moved_ends_too(alice: Player, bob: Player) -> None:
    store_game(alice, bob, **started(ago(days=8)))
    assert run_command() == "1 abandoned, 0 cancelled.\n"


def test_a_recent_move_keeps_an_old_game_alive(alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "44", **started(ago(days=30)))
    append_disc(game, 0, ago(days=6, hours=23))
    assert run_command() == "0 abandoned, 0 cancelled.\n"
    assert Game.objects.get(pk=game.pk).state == "in-progress"


def test_a_game_that_waits_for_a_day_is_cancelled(alice: Player) -> None:
    game = store_game(alice, None, create_time=ago(days=1, minutes=1))
    fresh = store_game(alice, None, create_time=ago(hours=23))
    assert run_command() == "0 abandoned, 1 cancelled.\n"
    game.refresh_from_db()
    assert (game.state, game.reason, game.winner, game.participant2) == ("finished", "aborted", None, None)
    assert Game.objects.get(pk=fresh.pk).state == "waiting"


def test_finished_games_stay_as_they_are(alice: Player, bob: Player) -> None:
    store_game(alice, bob, **started(ago(days=8)))
    run_command()
    before = Game.objects.values().get()
    assert run_command() == "0 abandoned, 0 cancelled.\n"
    assert Game.objects.values().get() == before


def test_many_games_are_ended_and_their_records_hold(alice: Player, bob: Player) -> None:
    for _ in range(CHUNK + 5):
        store_game(alice, bob, "44", **started(ago(days=8)))
    assert run_command() == f"{CHUNK + 5} abandoned, 0 cancelled.\n"
    assert not any(report.faults for report in check_all(timezone.now()))


def test_two_machines_at_once_end_each_game_once(alice: Player, bob: Player) -> None:
    for _ in range(20):
        store_game(alice, bob, "44", **started(ago(days=8)))
        store_game(alice, None, create_time=ago(days=2))
    outputs: list[str] = []

    def run() -> None:
        try:
            outputs.append(run_command())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = [[int(word) for word in output.split() if word.isdigit()] for output in outputs]
    assert [sum(column) for column in zip(*counts, strict=True)] == [20, 20]
    assert Game.objects.finished().count() == 40


@pytest.fixture
def just_before_ending(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Lets something happen after the command has chosen its games and before it ends them."""
    end = end_deserted_games._end

    def arrange(event: Callable[[], object]) -> None:
        def late(endings: list[Ending]) -> list[GameError | None]:
            if endings:
                event()
            return end(endings)

        monkeypatch.setattr(end_deserted_games, "_end", late)

    return arrange


def test_a_move_at_the_last_moment_saves_the_game(
    alice: Player, bob: Player, just_before_ending: Callable[[Callable[[], object]], None]
) -> None:
    game = store_game(alice, bob, "44", **started(ago(days=8)))
    just_before_ending(lambda: append_disc(game, 0, timezone.now()))
    assert run_command() == "0 abandoned, 0 cancelled.\n"
    assert Game.objects.get(pk=game.pk).state == "in-progress"


def test_a_join_at_the_last_moment_saves_the_game(
    alice: Player, bob: Player, just_before_ending: Callable[[Callable[[], object]], None]
) -> None:
    game = store_game(alice, None, create_time=ago(days=2))
    now = timezone.now()

    def join() -> None:
        Game.objects.filter(pk=game.pk).update(participant2=bob, state="in-progress", start_time=now)
        append(game, "join", now, seat=2)

    just_before_ending(join)
    assert run_command() == "0 abandoned, 0 cancelled.\n"
    assert Game.objects.get(pk=game.pk).state == "in-progress"


def test_a_busy_store_is_asked_again(alice: Player, bob: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    store_game(alice, bob, **started(ago(days=8)))
    run, refusals = Registry.run, [GameError(ErrorCode.TRY_AGAIN)] * 2

    async def busy(registry: Registry, *command: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return await run(registry, *command)

    monkeypatch.setattr(Registry, "run", busy)
    assert run_command() == "1 abandoned, 0 cancelled.\n"


def test_what_cannot_be_stored_is_said(alice: Player, bob: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    store_game(alice, bob, **started(ago(days=8)))

    async def refuse(*_: object) -> None:
        raise GameError(ErrorCode.TRY_AGAIN)

    monkeypatch.setattr(Registry, "run", refuse)
    with pytest.raises(CommandError, match="1 could not be stored; the next run tries again"):
        run_command()
    assert Game.objects.get().state == "in-progress"
