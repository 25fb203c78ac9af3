"""How a rating went, as points: within the drawing, in order, with lines that bound it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lobby.profile.rating_graph import HEIGHT, WIDTH, graph_of

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_nothing_connects_one_game() -> None:
    assert graph_of([]) is None
    assert graph_of([(NOON, 1500.0)]) is None


def test_a_rise_goes_up() -> None:
    graph = graph_of([(NOON, 1500.0), (NOON + timedelta(days=2), 1600.0)])
    assert graph is not None
    assert graph.points == "0,200 640,0"
    assert [(line.rating, line.y) for line in graph.lines] == [
        (1500, 200), (1525, 150), (1550, 100), (1575, 50), (1600, 0)
    ]  # fmt: skip
    assert (graph.first, graph.lowest, graph.highest, graph.last) == (1500, 1500, 1600, (640, 0))


def test_a_game_that_was_rated_late_does_not_turn_the_line_back() -> None:
    graph = graph_of([(NOON, 1500.0), (NOON + timedelta(days=2), 1510.0), (NOON + timedelta(days=1), 1490.0)])
    assert graph is not None
    assert [point.split(",")[0] for point in graph.points.split()] == ["0", "640", "640"]


@given(st.lists(st.tuples(st.integers(0, 10**8), st.floats(400, 3500)), min_size=2, max_size=60))
def test_every_point_is_within_the_drawing(games: list[tuple[int, float]]) -> None:
    graph = graph_of([(NOON + timedelta(seconds=seconds), rating) for seconds, rating in games])
    assert graph is not None
    points = [tuple(map(float, point.split(","))) for point in graph.points.split()]
    assert len(points) == len(games)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert graph.lines[0].rating <= graph.lowest + 0.5
    assert graph.lines[-1].rating >= graph.highest - 0.5
    assert len(graph.lines) >= 2
