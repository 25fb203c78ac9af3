"""A solver is in the queue within 30 games; nobody who plays as people do is within 300."""

import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import msgspec
import pytest
from django.db import transaction

from games.computer.models import Review
from games.computer.review import encode
from games.honesty import population
from games.honesty.figures import times_of
from games.honesty.models import Conduct, GameConduct
from games.honesty.weighing import NEWEST, Weighing, renew
from games.models import Change, Game, Player
from games.rules.board import Position
from games.rules.openings import PLIES
from tests.support import level_games
from tests.support.level_games import GAMES, PEOPLE, SOLVER, SOLVER_GAMES, Played
from tests.support.soak import IS_WHOLE
from tests.support.stored_games import LONG_AGO, game_id, player, store_game

pytestmark = pytest.mark.django_db(transaction=True)
RECORDED = Path(__file__).parent / "level_games.json"
Figures = tuple[int, int, int, int, int, int]
"""Of a game: who began, who else, and the plies that asked something with the best ones of both."""
PLAYED_NOW = GAMES // 2 * len(PEOPLE) + SOLVER_GAMES if IS_WHOLE else 16


def names() -> list[str]:
    return [row.player.name for row in population.queue().select_related("player")]


def test_a_solver_is_found_within_thirty_games_and_no_level_within_three_hundred() -> None:
    people = {level: player(f"level{level}") for level in (*PEOPLE, SOLVER)}
    random, looks, played = Random(13), 0, Counter[int]()
    for rows in rounds(recorded()):
        store_figures(rows, people, random, sum(played.values()))
        played.update(level for first, second, *_ in rows for level in (first, second))
        for person in people.values():
            renew(person.pk)
        found = {*names()}
        assert not found - {people[SOLVER].name}, f"after {played}"
        if played[SOLVER] >= SOLVER_GAMES:
            assert found == {people[SOLVER].name}
            looks += 1
    assert looks >= 20
    assert all(played[level] >= GAMES for level in PEOPLE)
    assert Conduct.objects.get(player=people[1]).games == NEWEST


def test_games_that_are_played_now_have_the_recorded_figures_and_nobody_but_the_solver_is_found() -> None:
    """All of them in `make soak`; the first ones else, which are too few for anybody to be found."""
    people = {level: player(f"level{level}") for level in (*PEOPLE, SOLVER)}
    random, found = Random(13), set[str]()
    with level_games.on_all_cores() if IS_WHOLE else nullcontext(map) as each:
        games = each(level_games.played, itertools.islice(level_games.pairings(), PLAYED_NOW))
        for index, (game, figures) in enumerate(zip(games, recorded(), strict=False), 1):
            assert figures_stored(store_and_weigh(game, people, index, random)) == figures
            if not index % 50 or index == PLAYED_NOW:
                found = {*names()}
                assert found <= {people[SOLVER].name}, f"after {index} games"
    assert found == ({people[SOLVER].name} if IS_WHOLE else set())


def recorded() -> Iterator[Figures]:
    """Figures of all games, in the order of `level_games.pairings`."""
    yield from msgspec.json.decode(RECORDED.read_bytes(), type=list[Figures])


def rounds(games: Iterator[Figures]) -> Iterator[list[Figures]]:
    """Some games at a time: ten of each level."""
    while some := list(itertools.islice(games, 5 * len(PEOPLE))):
        yield some


def store_figures(rows: list[Figures], people: dict[int, Player], random: Random, before: int) -> None:
    """Store the figures of games, as if each had been weighed."""
    games, conduct = [], []
    for index, (first, second, *figures) in enumerate(rows):
        at = LONG_AGO + timedelta(minutes=before + index)
        game = Game(
            id=game_id(), participant1=people[first], participant2=people[second], state="finished", winner=1,
            reason="resignation", rated=True, initial=60, increment=0, create_time=at, start_time=at, end_time=at,
        )  # fmt: skip
        games.append(game)
        for level, choices, best in ((first, *figures[:2]), (second, *figures[2:])):
            times = times_of(thinking(random, 12))
            row = GameConduct(
                game=game, player=people[level], end_time=at, choices=choices, best=best, moves=times.moves,
                log_sum=times.log_sum, log_squares=times.log_squares, turns=13, left_own=0, left_other=0,
            )  # fmt: skip
            conduct.append(row)
    Game.objects.bulk_create(games)
    GameConduct.objects.bulk_create(conduct)


def store_and_weigh(played: Played, people: dict[int, Player], index: int, random: Random) -> Game:
    """A game with the times of its moves and its review, as it would be stored, weighed."""
    game = stored(people[played.first], people[played.second], played.columns, LONG_AGO + timedelta(minutes=index))
    with transaction.atomic():
        for change, ms in zip(game.changes.filter(kind="move"), thinking(random, 42), strict=False):
            time = f'{{"time":{{"charged_ms":{ms},"compensation_ms":0,"gain_ms":0,"left_ms":[1,1]}}}}'
            Change.objects.filter(pk=change.pk).update(body=time)
        Review.objects.create(
            game=game, queued_at=game.create_time, done_at=game.create_time, scores=encode(PLIES, played.scores)
        )
        Weighing().do(game.pk)
    return game


def figures_stored(game: Game) -> Figures:
    """What was weighed of a game, in the form of the record."""
    first, second = game.conduct.order_by("pk").select_related("player")
    levels = [int(row.player.name.removeprefix("level")) for row in (first, second)]
    return (levels[0], levels[1], first.choices, first.best, second.choices, second.best)


def stored(one: Player, other: Player, columns: list[int], at: datetime) -> Game:
    """A rated game of the ballot that has ended on the board."""
    notation, is_won = "".join(f"{column + 1}" for column in columns), Position.from_columns(columns).is_won
    game = store_game(
        one, other, notation[PLIES:], state="finished", reason="four_in_a_row" if is_won else "board_full",
        winner=2 - len(columns) % 2 if is_won else None, rated=True, initial=60, increment=0, create_time=at,
        start_time=at, end_time=at,
    )  # fmt: skip
    Game.objects.filter(pk=game.pk).update(opening="ballot")
    Change.objects.filter(game=game, kind="join").update(body=f'{{"opening":"{notation[:PLIES]}"}}')
    return game


def thinking(random: Random, moves: int) -> list[int]:
    """Times of moves as people take them, in milliseconds."""
    return [round(random.lognormvariate(7.5, 0.8)) for _ in range(moves)]
