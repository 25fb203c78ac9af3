"""How unusual somebody is among others, and who is in the queue."""

import math

import pytest
from django.test import override_settings

from games.honesty import population
from games.honesty.models import Conduct
from games.honesty.population import Population, Usual
from games.models import Player
from tests.support.stored_games import LONG_AGO, player

pytestmark = pytest.mark.django_db(transaction=True)


def names() -> list[str]:
    return [row.player.name for row in population.queue().select_related("player")]


def conduct(name: str, share: float, **fields: object) -> Conduct:
    """Somebody who plays so many of 100 plies that asked something as a solver would."""
    values = {
        "games": 40, "choices": 400, "best": round(400 * share), "left": 0.0, "left_own": 0, "left_other": 0,
        "spread": 0.8, "last_game_at": LONG_AGO,
        "skill": math.log((400 * share + 0.5) / (400 * (1 - share) + 0.5)), **fields,
    }  # fmt: skip
    return Conduct.objects.create(player=player(name), **values)


def crowd(number: int = 40) -> None:
    """People who play as people do, and take their time unevenly."""
    for index in range(number):
        conduct(f"person{index}", 0.3 + 0.4 * index / number, spread=0.7 + 0.01 * (index % 7), left=0.01 * (index % 5))


def test_without_people_to_compare_with_nobody_is_unusual() -> None:
    conduct("alice", 0.99)
    assert names() == []


def test_who_plays_as_a_solver_is_found_and_others_are_not() -> None:
    crowd()
    conduct("solver", 1.0)
    conduct("strong", 0.8)
    assert names() == ["solver"]


def test_few_games_marked_people_and_bots_are_left_out() -> None:
    crowd()
    conduct("solver", 1.0, games=29)
    Player.objects.filter(pk=conduct("marked", 1.0).pk).update(marked=True)
    Player.objects.filter(pk=conduct("program", 1.0).pk).update(bot=True)
    assert names() == []


def test_even_times_and_pages_left_add_to_what_moves_say_and_never_speak_for_somebody() -> None:
    crowd()
    plain = conduct("plain", 0.9)
    conduct("even", 0.9, spread=0.1)
    conduct("leaving", 0.9, left=0.8)
    conduct("uneven", 0.9, spread=3.0)
    conduct("weak", 0.3, spread=0.1, left=0.9)
    now = Population.now().with_unusual(Conduct.objects.all())
    unusual = {row.player.name: row.unusual for row in now.select_related("player")}
    assert unusual["even"] > unusual["plain"] == unusual["uneven"]
    assert unusual["leaving"] > unusual["plain"]
    assert unusual["weak"] < 0
    assert unusual["plain"] == pytest.approx((plain.skill - middle()) / scale())


def middle() -> float:
    usual = Population.now().skill
    assert usual is not None
    return usual.middle


def scale() -> float:
    usual = Population.now().skill
    assert usual is not None
    return usual.scale


def test_a_few_who_are_far_off_hardly_move_what_is_usual() -> None:
    crowd()
    before = middle(), scale()
    for number in range(4):
        conduct(f"solver{number}", 1.0)
    assert (middle(), scale()) == (pytest.approx(before[0], abs=0.15), pytest.approx(before[1], rel=0.25))
    assert names() == [f"solver{number}" for number in range(4)]


def test_where_all_are_alike_nothing_is_unusual() -> None:
    assert Usual.of([0.5] * 20) is None
    assert Usual.of([0.5] * 4) is None
    for number in range(8):
        conduct(f"person{number}", 0.5)
    assert names() == []


def test_how_unusual_is_too_unusual_is_another_on_each_site() -> None:
    chances = set()
    for key in ("one", "two", "three"):
        with override_settings(SECRET_KEY=key):
            chances.add(population.expected())
    assert len(chances) == 3
    assert all(0.02 <= chance <= 0.1 for chance in chances)
