"""``manage.py verify_games``: play every stored game again and report those that don't hold."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from games.records.verification import Report, check_all, orphans


class Command(BaseCommand):
    """Checks outcome, order, legality, times and rematch links of all games; changes nothing."""

    help = "Plays every stored game again and reports those whose record does not hold. Exit status 1 if there is one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take ``--json``."""
        parser.add_argument(
            "--json", action="store_true", help="one JSON object a line: each faulty game, then the totals"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check all games, printing faulty ones as they are found."""
        as_json = options["json"]
        checked = faulty = 0
        for report in check_all(timezone.now()):
            checked += 1
            faulty += self._tell(report, as_json)
        for report in orphans():
            faulty += self._tell(report, as_json)
        self.stdout.write(_totals(checked, faulty, as_json=as_json))
        if faulty:
            raise SystemExit(1)

    def _tell(self, report: Report, as_json: bool) -> bool:
        """Print a report that has faults; say whether it has."""
        if report.faults:
            self.stdout.write(_as_json(report) if as_json else _as_text(report))
        return bool(report.faults)


def _as_json(report: Report) -> str:
    return json.dumps({"game": report.game_id, "faults": report.faults})


def _as_text(report: Report) -> str:
    return f"{report.game_id}: {'; '.join(report.faults)}"


def _totals(checked: int, faulty: int, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"checked": checked, "faulty": faulty})
    games = "1 game" if checked == 1 else f"{checked} games"
    return f"{games} checked, {faulty or 'none'} faulty."
