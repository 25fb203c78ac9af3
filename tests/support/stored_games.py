"""Rows for tests that read stored games. They are inserted as they are told, right or wrong."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model

from games.demo.histories import continue_series, log_of
from games.models import MOVE, Change, Game, Move, Player
from games.rules import ids
from games.rules.outcomes import mover_of

LONG_AGO = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
ALICE_WINS = "1213141"
"""Participant 1, who begins, piles four into the leftmost column."""
FULL_BOARD = "121212212121343434434343565656656565777777"
"""Forty-two discs, no four in a row."""

_numbers = count()


def player(name: str) -> Player:
    """A player with a user of that name."""
    return Player.objects.of(get_user_model().objects.create_user(name, f"{name}@example.org"))


def game_id() -> str:
    """An ID that no other call has given."""
    number, digits = next(_numbers), ""
    for _ in range(ids.LENGTH):
        number, digit = divmod(number, len(ids.ALPHABET))
        digits = ids.ALPHABET[digit] + digits
    return digits


def store_game(participant1: Player, participant2: Player | None, notation: str = "", **fields: Any) -> Game:
    """A game of ten seconds a move: in progress unless fields say otherwise, waiting without a participant 2."""
    start_time = fields.setdefault("start_time", LONG_AGO + timedelta(seconds=10) if participant2 else None)
    row: dict[str, Any] = {
        "id": game_id(),
        "state": "in-progress" if participant2 else "waiting",
        "create_time": LONG_AGO,
    }
    offered_by = fields.pop("rematch_offered_by", None)
    game = Game(**{**row, **fields}, participant1=participant1, participant2=participant2)
    if game.rematch_of is not None and "series_number" not in fields:
        continue_series(game.rematch_of, game)
    game.save(force_insert=True)
    discs = [(int(digit) - 1, start_time + timedelta(seconds=10 * ply)) for ply, digit in enumerate(notation, 1)]
    Change.objects.bulk_create(log_of(game, discs))
    if offered_by is not None:
        append(game, "rematch_offer", game.end_time or LONG_AGO, seat=offered_by)
    if game.rematch_of is not None:
        append(game.rematch_of, "rematch", game.create_time, body=f'{{"game":"{game.pk}"}}')
    return game


def append_disc(game: Game, column: int, at: datetime = LONG_AGO) -> None:
    """One more disc in a game's log, as another process stores it; whose it is follows from how many there are."""
    ply = game.changes.filter(kind=MOVE).count() + 1
    append(game, MOVE, at, column=column, seat=mover_of(ply, game.first_move))


def spoil(game: Game) -> None:
    """Seven discs in a column of six, as a hand that changes rows may leave them."""
    for _ in range(7):
        append_disc(game, 0)


def mend(game: Game) -> None:
    """Take all discs out again."""
    game.changes.filter(kind=MOVE).delete()


def take_back(game: Game, plies: int, at: datetime = LONG_AGO, seat: int = 2) -> None:
    """The last discs are taken back, as another process stores it."""
    append(game, "takeback", at, seat=seat, body=f'{{"plies":{plies}}}')


def stored_discs() -> list[tuple[str, int, int]]:
    """Game, ply and column of each disc, as they were stored."""
    plies: Counter[str] = Counter()
    discs = []
    for game_id, column in Move.objects.order_by("game", "number").values_list("game", "column"):
        plies[game_id] += 1
        discs.append((game_id, plies[game_id], column))
    return discs


def append(game: Game, kind: str, at: datetime, **fields: Any) -> None:
    """One more change in a game's log."""
    Change.objects.create(game=game, number=game.changes.count() + 1, kind=kind, at=at, **fields)


def store_finished(
    participant1: Player, participant2: Player | None, notation: str, reason: str, winner: int | None, **fields: Any
) -> Game:
    """A finished game, ended with its last move."""
    start_time = fields.get("start_time", LONG_AGO + timedelta(seconds=10))
    end_time = fields.pop("end_time", start_time + timedelta(seconds=10 * len(notation)))
    outcome = {"state": "finished", "reason": reason, "winner": winner, "end_time": end_time}
    return store_game(participant1, participant2, notation, **outcome, **fields)


def store_timed_game(alice: Player, bob: Player, left_ms: list[int], **fields: Any) -> Game:
    """Both have moved; then Alice, in five seconds of her minute, of which 200 ms were lag."""
    game = store_game(alice, bob, initial=60, increment=1, **fields)
    costs = [(0, 0, 0, [60_000, 60_000]), (0, 0, 0, [60_000, 60_000]), (4_800, 200, 450, left_ms)]
    for ply, (charged, compensation, gain, left) in enumerate(costs):
        time = {"charged_ms": charged, "compensation_ms": compensation, "gain_ms": gain, "left_ms": left}
        at = LONG_AGO + timedelta(seconds=11 + ply)
        append(game, "move", at, column=3, seat=1 + ply % 2, body=json.dumps({"time": time}))
    return game
