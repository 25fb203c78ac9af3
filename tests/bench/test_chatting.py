"""The benchmark of moves beside chat: its arithmetic."""

from collections import Counter

import pytest

from bench.chatting import KINDS, ratio, rows


def reports(*p99: float) -> list[dict[str, float]]:
    return [{"p50_ms": 1.0, "p99_ms": value, "cpu_ms": 100.0} for value in p99]


FOUND = {"quiet": reports(2.0, 4.0, 2.0), "games": reports(2.2, 4.0, 3.0), "crowd": reports(2.0, 4.0, 2.0)}


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    assert ratio(FOUND, "games", "p99_ms") == pytest.approx(1.1)


def test_each_kind_is_a_line_with_what_was_said_and_heard() -> None:
    counted = {kind: Counter(sent=1000, heard=50) for kind in KINDS}
    lines = rows(FOUND, counted)
    assert [line[0] for line in lines] == [*KINDS.values()]
    assert lines[1][1:] == ["1000", "50", "1.00 (1.00 ×)", "3.00 (1.10 ×)", "100.00 (1.00 ×)"]
