"""A solver is in the queue within 30 games; nobody who plays as people do is within 300."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import msgspec
import pytest
from django.db import transaction

from games.computer.models import Review
from games.computer.review import encode
from games.computer.solver.engine import Engine
from games.honesty import population
from games.honesty.figures import times_of
from games.honesty.models import Conduct, GameConduct
from games.honesty.weighing import NEWEST, Weighing, renew
from games.models import Change, Game, Player
from games.rules.openings import PLIES
from tests.support import level_games
from tests.support.level_games import GAMES, PEOPLE, SOLVER, SOLVER_GAMES
from tests.support.soak import IS_WHOLE
from tests.support.stored_games import LONG_AGO, game_id, player, store_game

pytestmark = pytest.mark.django_db(transaction=True)
RECORDED = Path(__file__).parent / "level_games.json"
Figures = tuple[int, int, int, int, int, int]
"""Of a game: who began, who else, and the plies that asked something with the best ones of both."""


def names() -> list[str]:
    return [row.player.name for row in population.queue().select_related("player")]


def test_a_solver_is_found_within_thirty_games_and_no_level_within_three_hundred() -> None:
    people = {level: player(f"level{level}") for level in (*PEOPLE, SOLVER)}
    random, looks, played = Random(13), 0, Counter[int]()
    for rows in rounds(recorded(random)):
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


@pytest.mark.skipif(not IS_WHOLE, reason="make soak plays the games; here figures of them are read")
def test_the_same_with_games_that_are_played_now() -> None:
    people = {level: player(f"level{level}") for level in (*PEOPLE, SOLVER)}
    played = Counter[int]()
    found: set[str] = set()
    for pair in played_now(people):
        played.update(pair)
        if not sum(played.values()) % 50:
            found = {*names()}
            assert found <= {people[SOLVER].name}, f"after {played}"
    assert found == {people[SOLVER].name}


def recorded(random: Random) -> Iterator[Figures]:
    """Figures of games in the order of `level_games.pairings`: those that were played, then such drawn from them."""
    rows = msgspec.json.decode(RECORDED.read_bytes(), type=list[Figures])
    of_pair: dict[frozenset[int], list[Figures]] = defaultdict(list)
    for row in rows:
        of_pair[frozenset(row[:2])].append(row)
    yield from rows
    for first, second, _ in itertools.islice(level_games.pairings(), len(rows), None):
        yield random.choice(of_pair[frozenset((first, second))])


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


def played_now(people: dict[int, Player]) -> Iterator[tuple[int, int]]:
    """Play, store, review and weigh each game."""
    engine, random = Engine.with_book(), Random(13)
    for index, (first, second, number) in enumerate(level_games.pairings()):
        columns = level_games.play(engine, first, second, number)
        notation = "".join(str(column + 1) for column in columns)
        game = stored(people[first], people[second], index, notation)
        scores = level_games.scores_of(engine, columns)
        for change, ms in zip(game.changes.filter(kind="move"), thinking(random, 42), strict=False):
            time = f'{{"time":{{"charged_ms":{ms},"compensation_ms":0,"gain_ms":0,"left_ms":[1,1]}}}}'
            Change.objects.filter(pk=change.pk).update(body=time)
        end = game.end_time
        Review.objects.create(game=game, queued_at=end, done_at=end, scores=encode(PLIES, scores))
        with transaction.atomic():
            Weighing().do(game.pk)
        yield first, second


def stored(one: Player, other: Player, index: int, notation: str = "") -> Game:
    """A rated game of the ballot that has ended, each a minute after the one before."""
    at = LONG_AGO + timedelta(minutes=index)
    game = store_game(
        one, other, notation[PLIES:], state="finished", reason="resignation", winner=1, rated=True, initial=60,
        increment=0, create_time=at, start_time=at, end_time=at,
    )  # fmt: skip
    if notation:
        Game.objects.filter(pk=game.pk).update(opening="ballot")
        Change.objects.filter(game=game, kind="join").update(body=f'{{"opening":"{notation[:PLIES]}"}}')
    return game


def thinking(random: Random, moves: int) -> list[int]:
    """Times of moves as people take them, in milliseconds."""
    return [round(random.lognormvariate(7.5, 0.8)) for _ in range(moves)]
