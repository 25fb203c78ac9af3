"""The benchmark of how soon games are reviewed: a server that really plays and reviews some."""

from pathlib import Path

import pytest

from bench import reviewing
from tests.support.stored_games import ALICE_WINS


def test_every_game_is_played_and_its_review_heard_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviewing, "WARM", 1)
    columns = [int(digit) - 1 for digit in ALICE_WINS]
    found = reviewing.measure({"one": [columns] * 3, "other": [columns] * 3}, tmp_path)
    assert [len(seconds) for seconds in found.values()] == [2, 2]
    for seconds in found.values():
        assert 0 < seconds[0] <= seconds[1] < 60
