"""The benchmark of clocks: its arithmetic."""

from bench.clocks import CLOCKED, PLAIN, ratio, rows

FOUND = {
    "50 games": {
        PLAIN: [
            {"moves_per_second": 10_000, "cpu_ms": 100.0, "p50_ms": 4.0, "p99_ms": 10.0},
            {"moves_per_second": 5_000, "cpu_ms": 150.0, "p50_ms": 8.0, "p99_ms": 20.0},
            {"moves_per_second": 8_000, "cpu_ms": 120.0, "p50_ms": 5.0, "p99_ms": 15.0},
        ],
        CLOCKED: [
            {"moves_per_second": 9_000, "cpu_ms": 110.0, "p50_ms": 4.4, "p99_ms": 11.0},
            {"moves_per_second": 4_800, "cpu_ms": 156.0, "p50_ms": 8.4, "p99_ms": 22.0},
            {"moves_per_second": 9_600, "cpu_ms": 108.0, "p50_ms": 4.0, "p99_ms": 9.0},
        ],
    }
}


def test_a_ratio_is_the_median_of_the_rounds_and_not_that_of_the_medians() -> None:
    assert ratio(FOUND["50 games"], "moves_per_second") == 0.96
    assert rows(FOUND) == [
        ["50 games", "8000 → 9000 (×0.96)", "120.0 → 110.0 (×1.04)", "5.00 → 4.40 (×1.05)", "15.00 → 11.00 (×1.10)"]
    ]
