"""The tables, the targets and the chart, from figures made up here."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import chart, report
from bench.candidates import DEFAULT, candidates

LISTED = [candidates({})[name] for name in DEFAULT]


def rounds(*speeds: float, errors: int = 0) -> list[dict]:
    return [
        {"errors": errors, "moves_per_second": speed, "moves": 1000, "cpu_ms": 50.0, "p99_ms": 2.0} for speed in speeds
    ]


RESULTS = {
    "saturation/500": {
        "websockets": rounds(10_000, 20_000, 12_000),
        "uvicorn": rounds(6_000, 9_000, 8_400),
        "daphne": rounds(1_000, 2_000, 1_200),
        "textbook": rounds(400, 300, 500),
    }
}


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    # 0.60, 0.45, 0.70: not the ratio of the medians, 8,400 to 12,000.
    assert report.ratio(RESULTS, "saturation/500", "uvicorn", "websockets", "moves_per_second") == pytest.approx(0.60)


def test_a_round_with_an_error_gives_no_ratio() -> None:
    results = {"saturation/500": {**RESULTS["saturation/500"], "uvicorn": rounds(9_000, 9_000, 9_000, errors=1)}}
    assert report.ratio(results, "saturation/500", "uvicorn", "websockets", "moves_per_second") is None
    assert "failed" in report.markdown(results, LISTED, {}, [])


def test_targets_say_must_goal_or_missed() -> None:
    rows = {(row[0], row[1]): row[2:] for row in report.target_rows(RESULTS)}
    assert rows["moves/s at 500 games, ratio to websockets", "uvicorn"] == ["≥ 0.45", "≥ 0.65", "0.60", "must"]
    assert rows["moves/s at 500 games, ratio to websockets", "daphne"] == ["≥ 0.25", "≥ 0.35", "0.10", "missed"]
    assert rows["moves/s at 500 games, ratio to textbook", "uvicorn"] == ["≥ 14", "≥ 20", "16.80", "must"]
    assert not any("50 games" in label for label, _ in rows), "what was not measured is not judged"


def test_the_tables_are_put_between_the_markers(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    report.write(page, report.markdown(RESULTS, LISTED, {"uvicorn": "uvloop"}, ["two cores"]))
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert "| Fourline on uvicorn | uvloop | SQLite FULL | 8,400 (×0.60) | 50 (×1.00) | 2.0 (×1.00) |" in text


def test_a_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text("nothing to fill")
    with pytest.raises(ValueError, match="lacks the lines"):
        report.write(page, "tables")
    assert page.read_text() == "nothing to fill"


def test_the_chart_has_a_bar_for_each_server() -> None:
    root = ElementTree.fromstring(chart.draw(RESULTS, LISTED))
    bars = [element for element in root.iter("{http://www.w3.org/2000/svg}rect") if element.get("class")]
    assert [bar.get("class") for bar in bars] == ["theirs", "theirs", "ours", "ours"]
    widths = [int(bar.get("width", "0")) for bar in bars]
    assert widths[0] == max(widths)
    assert min(widths) >= 1
