"""The moving average of a connection's round trips."""

from games.sockets.lag import LONGEST_S, WEIGHT, Lag


def test_nothing_is_known_before_the_first_answer() -> None:
    assert Lag().read() is None


def test_a_line_on_which_nobody_moves_is_not_in_use() -> None:
    lag = Lag()
    assert not lag.is_in_use
    lag.read()
    assert lag.is_in_use


def test_it_begins_with_the_first_and_follows_slowly() -> None:
    lag = Lag()
    lag.take(0.2)
    assert lag.read() == 200
    lag.take(1.2)
    assert lag.read() == round(1000 * (0.2 + WEIGHT))
    for _ in range(100):
        lag.take(0.05)
    assert lag.read() == 50


def test_no_machine_that_stood_still_makes_a_line_slow() -> None:
    lag = Lag()
    lag.take(3600)
    assert lag.read() == 1000 * LONGEST_S
    lag.take(-1)
    assert lag.read() == round(1000 * LONGEST_S * (1 - WEIGHT))
