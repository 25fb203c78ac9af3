"""What the API answers, for its schema; the values themselves come from `games.protocol`.

A test holds each serializer to the type that it describes.
"""

from typing import Any

from rest_framework import serializers

from games.computer.review import Verdict
from games.protocol import ErrorCode, Reason, State, Visibility
from games.rules.board import CELLS, COLUMNS, ROWS
from games.rules.time_controls import Speed

_SEATS = [1, 2]


def _column(**options: object) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=COLUMNS - 1, **options)  # type: ignore[arg-type]  # passed on


def _seat(**options: object) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=_SEATS, **options)  # type: ignore[arg-type]  # passed on


def _line(**options: object) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(min_value=0), min_length=2, max_length=2),
        min_length=4, max_length=4, allow_null=True, **options,  # type: ignore[arg-type]  # passed on
    )  # fmt: skip


class OutcomeAnswer(serializers.Serializer[Any]):
    """How a game ended."""

    winner = _seat(allow_null=True)
    reason = serializers.ChoiceField(choices=[reason.value for reason in Reason])
    line = _line(help_text="The four cells of a win: [column, row] each.")


class OffersAnswer(serializers.Serializer[Any]):
    """Whose offers stand in a game that goes on."""

    draw = _seat(allow_null=True)
    takeback = _seat(allow_null=True)


class TimeControlAnswer(serializers.Serializer[Any]):
    """Seconds at the start and for each move, or days for each move."""

    initial = serializers.IntegerField(required=False)
    increment = serializers.IntegerField(required=False)
    daysPerMove = serializers.IntegerField(required=False)  # noqa: N815  the contract's spelling


class PlayerAnswer(serializers.Serializer[Any]):
    """Who holds a seat."""

    name = serializers.CharField()
    computer = serializers.IntegerField(allow_null=True, min_value=1, max_value=8, help_text="Its level.")
    guest = serializers.BooleanField()
    bot = serializers.BooleanField()
    rating = serializers.IntegerField(allow_null=True)
    provisional = serializers.BooleanField()
    ratingChange = serializers.IntegerField(allow_null=True)  # noqa: N815


class ClockAnswer(serializers.Serializer[Any]):
    """Both clocks: so much was left at a time; since then that of `running` goes down."""

    remainingMs = serializers.ListField(  # noqa: N815  the contract's spelling, here and below
        child=serializers.IntegerField(min_value=0), min_length=2, max_length=2
    )
    running = _seat(allow_null=True)
    at = serializers.DateTimeField()
    firstMoveBy = serializers.DateTimeField(allow_null=True)  # noqa: N815


class SeriesAnswer(serializers.Serializer[Any]):
    """A game's place among its rematches."""

    id = serializers.CharField(help_text="The first game's.")
    number = serializers.IntegerField(min_value=1)
    score = serializers.ListField(
        child=serializers.FloatField(min_value=0), min_length=2, max_length=2,
        help_text="The points of participants 1 and 2 of this game, up to it; a draw is 0.5.",
    )  # fmt: skip


class GameAnswer(serializers.Serializer[Any]):
    """A game, as JSON: the same as in a snapshot and in an export."""

    id = serializers.RegexField(r"^[0-9A-HJKMNP-TV-Z]{6,8}$")
    state = serializers.ChoiceField(choices=[state.value for state in State])
    version = serializers.IntegerField(min_value=0, help_text="Counts the game's state changes, without gaps.")
    participant1 = serializers.CharField()
    participant2 = serializers.CharField(allow_null=True)
    firstMove = _seat()  # noqa: N815  the contract's spelling, here and below
    moves = serializers.ListField(child=_column(), max_length=CELLS, help_text="Columns, counted from 0.")
    notation = serializers.CharField(allow_blank=True, help_text="One digit a move, columns counted from 1.")
    turn = _seat(allow_null=True)
    legalColumns = serializers.ListField(child=_column(), max_length=COLUMNS)  # noqa: N815
    outcome = OutcomeAnswer(allow_null=True)
    visibility = serializers.ChoiceField(choices=[visibility.value for visibility in Visibility])
    createTime = serializers.DateTimeField()  # noqa: N815
    startTime = serializers.DateTimeField(allow_null=True)  # noqa: N815
    endTime = serializers.DateTimeField(allow_null=True)  # noqa: N815
    timeControl = TimeControlAnswer(allow_null=True)  # noqa: N815
    speed = serializers.ChoiceField(choices=[speed.value for speed in Speed])
    rated = serializers.BooleanField()
    openingPlies = serializers.IntegerField(min_value=0, max_value=CELLS)  # noqa: N815
    takebacks = serializers.BooleanField()
    players = serializers.ListField(child=PlayerAnswer(allow_null=True), min_length=2, max_length=2)
    clock = ClockAnswer(allow_null=True)
    offers = OffersAnswer()
    series = SeriesAnswer()
    invited = serializers.CharField(allow_null=True)


class ActAnswer(serializers.Serializer[Any]):
    """What a participant did besides moving."""

    kind = serializers.CharField()
    participant = _seat()
    afterPly = serializers.IntegerField(min_value=0, max_value=CELLS)  # noqa: N815
    at = serializers.DateTimeField()


class ExportAnswer(GameAnswer):
    """A game as a file: with the time of each move, and what participants did besides."""

    playedAt = serializers.ListField(child=serializers.DateTimeField())  # noqa: N815
    moveMs = serializers.ListField(  # noqa: N815
        child=serializers.IntegerField(allow_null=True), help_text="What each move cost; null in untimed games."
    )
    remainingMs = serializers.ListField(  # noqa: N815
        child=serializers.ListField(child=serializers.IntegerField(), allow_null=True),
        help_text="What participants 1 and 2 had left after each move; null in untimed games.",
    )
    acts = ActAnswer(many=True)


class MoveAnswer(serializers.Serializer[Any]):
    """One move."""

    ply = serializers.IntegerField(min_value=1, max_value=CELLS)
    participant = _seat()
    column = _column()
    row = serializers.IntegerField(min_value=0, max_value=ROWS - 1)
    playedAt = serializers.DateTimeField()  # noqa: N815


class GamePageAnswer(serializers.Serializer[Any]):
    """A page of games, newest first, with the addresses of the pages around it."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = GameAnswer(many=True)


class QueuedAnswer(serializers.Serializer[Any]):
    """A review that is not done yet."""

    status = serializers.ChoiceField(choices=["queued"])


def _scores(**options: object) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.IntegerField(allow_null=True, min_value=-21, max_value=21),
        min_length=COLUMNS, max_length=COLUMNS,
        help_text="Of each column, the mover's; null where it is full.", **options,  # type: ignore[arg-type]  # passed on
    )  # fmt: skip


_SCORE_HELP = (
    "The mover's: 0 a draw; positive, it wins; negative, it loses; the size is 1 + the discs that the winner has still "
    "in hand when it wins, both playing perfectly."
)
_LAST_PLY_HELP = "With which ply the game ends from here, both playing perfectly."


class ReviewedPlyAnswer(serializers.Serializer[Any]):
    """A ply, judged. Scores are of the position before it, and null for a ply of the opening."""

    ply = serializers.IntegerField(min_value=1, max_value=CELLS)
    score = serializers.IntegerField(allow_null=True, help_text=_SCORE_HELP)
    best = serializers.ListField(child=_column(), help_text="The columns that keep the score.")
    scores = _scores(allow_null=True)
    verdict = serializers.ChoiceField(choices=[verdict.value for verdict in Verdict], allow_null=True)
    lastPly = serializers.IntegerField(allow_null=True, help_text=_LAST_PLY_HELP)  # noqa: N815


class ReviewAnswer(serializers.Serializer[Any]):
    """The truth about a game."""

    status = serializers.ChoiceField(choices=["done"])
    plies = ReviewedPlyAnswer(many=True)
    accuracy = serializers.ListField(
        child=serializers.FloatField(allow_null=True), min_length=2, max_length=2,
        help_text="Participant 1's and participant 2's, 0 to 100.",
    )  # fmt: skip
    turningPoint = serializers.IntegerField(  # noqa: N815
        allow_null=True, help_text="The last ply with a mistake or blunder: it decided the result."
    )


class PositionAnswer(serializers.Serializer[Any]):
    """A position, judged; where the game is over, all of it is null or empty."""

    score = serializers.IntegerField(allow_null=True, help_text=_SCORE_HELP)
    best = serializers.ListField(child=_column(), help_text="The columns that keep the score.")
    scores = _scores(allow_null=True)
    lastPly = serializers.IntegerField(allow_null=True, help_text=_LAST_PLY_HELP)  # noqa: N815
    isOver = serializers.BooleanField(help_text="Whether four in a row stand, or the board is full.")  # noqa: N815
    line = _line(help_text="The four in a row that won it: [column, row] each.")


class TokensAnswer(serializers.Serializer[Any]):
    """A pair of tokens: `access` is sent with requests, `refresh` gets the next pair, once."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class GuestAnswer(TokensAnswer):
    """A guest, who is whoever has these tokens."""

    name = serializers.CharField()


class RefusalAnswer(serializers.Serializer[Any]):
    """Why not."""

    code = serializers.CharField(help_text=f"One of {', '.join(code.value for code in ErrorCode)}, server_error.")
    message = serializers.CharField(help_text="A sentence for people.")


class BestAnswer(serializers.Serializer[Any]):
    """A place of the leaderboard."""

    rank = serializers.IntegerField(min_value=1, max_value=100)
    name = serializers.CharField()
    rating = serializers.IntegerField()
    deviation = serializers.IntegerField()
    games = serializers.IntegerField(help_text="Rated games at this speed.")


class RatingAnswer(serializers.Serializer[Any]):
    """A player's rating at one speed."""

    rating = serializers.IntegerField()
    deviation = serializers.IntegerField()
    provisional = serializers.BooleanField(help_text="Whether it is a guess as yet.")
    games = serializers.IntegerField(help_text="Rated games at this speed.")


class BotAnswer(serializers.Serializer[Any]):
    """An account of a program."""

    name = serializers.CharField()
    bot = serializers.BooleanField(help_text="True.")


class PlayerPageAnswer(serializers.Serializer[Any]):
    """A player as others see it."""

    name = serializers.CharField()
    createTime = serializers.DateTimeField()  # noqa: N815  the contract's spelling
    guest = serializers.BooleanField()
    bot = serializers.BooleanField()
    computer = serializers.IntegerField(allow_null=True, min_value=1, max_value=8, help_text="Its level.")
    ratings = serializers.DictField(child=RatingAnswer(), help_text="By speed; without a rated game there is none.")
    playing = serializers.CharField(allow_null=True, help_text="The ID of the public game being played.")
