"""How the API reads requests: JSON and nothing else, to the letter."""

from typing import IO, Any, ClassVar

import msgspec
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from games.protocol import Visibility
from games.rules.openings import Opening
from games.rules.time_controls import DAYS_PER_MOVE, TimeControl, control_of

MAX_DEPTH = 8
"""Objects and arrays within one another in a body; no field of ours needs more than two."""


class JsonParser(BaseParser):
    """JSON by msgspec, which refuses what JSON isn't: NaN, lone surrogates, bytes that are no UTF-8."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        """The body's object; an empty body is an empty one."""
        raw = stream.read()
        try:
            body = msgspec.json.decode(raw) if raw.strip() else {}
        except (msgspec.DecodeError, RecursionError, ValueError):
            raise ParseError("The body is not JSON.") from None
        if not isinstance(body, dict):
            raise ParseError("The body is not an object.")
        if _is_deeper(body, MAX_DEPTH):
            raise ParseError("The body is nested too deeply.")
        return body


def _is_deeper(value: Any, depth: int) -> bool:
    """Whether more than so many objects and arrays are within one another."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return depth == 0 or any(_is_deeper(one, depth - 1) for one in inner)


class OnlyJson(BaseContentNegotiation):
    """Answers are JSON whatever was asked for, so that a refusal can always be read."""

    def select_parser(self, request: Request, parsers: Any) -> BaseParser | None:
        """The parser for the body; None, which means 415, for any other type than JSON."""
        content_type = (request.content_type or "application/json").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == content_type), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """The first renderer, always."""
        return renderers[0], renderers[0].media_type


class Renderer(JSONRenderer):
    """JSON in UTF-8, for the one charset that there is."""

    charset = None


class Strict(serializers.Serializer[Any]):
    """Refuses fields that it doesn't know: a misspelt one must not be taken for one left out."""

    def to_internal_value(self, data: Any) -> Any:
        """The fields' values.

        Raises:
            serializers.ValidationError: one is unknown or wrong.
        """
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError({"detail": f"Unknown field: {unknown[0][:64]}."})
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """A string that was sent as one: no number turns into it."""

    def to_internal_value(self, data: Any) -> str:
        """The string."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({"enum": [1, 2, "random"]})
class FirstMove(serializers.Field[Any, Any, Any, Any]):
    """1, 2 or ``"random"``, by type too: ``"1"``, ``1.0`` and ``true`` are none of them."""

    default_error_messages: ClassVar = {"unknown": 'Not one of 1, 2 and "random".'}

    def to_internal_value(self, data: Any) -> int | str:
        """The choice."""
        if type(data) not in (int, str) or data not in (1, 2, "random"):
            self.fail("unknown")
        choice: int | str = data
        return choice


class Level(serializers.IntegerField):
    """A level of the computer: an integer, by type too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=8, **options)

    def to_internal_value(self, data: Any) -> int:
        """The level."""
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """``true`` or ``false``, and nothing that reads like one."""

    def to_internal_value(self, data: Any) -> bool:
        """The choice."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field(
    {"type": "object", "nullable": True, "additionalProperties": False, "properties": {
        "initial": {"type": "integer", "minimum": 15, "maximum": 3600},
        "increment": {"type": "integer", "minimum": 0, "maximum": 60},
        "daysPerMove": {"enum": [*DAYS_PER_MOVE]},
    }}
)  # fmt: skip
class TimeControlField(serializers.Field[Any, Any, Any, Any]):
    """Null, ``initial`` and ``increment``, or ``daysPerMove``: integers, by type too."""

    default_error_messages: ClassVar = {"unknown": "{reason}."}

    def to_internal_value(self, data: Any) -> TimeControl | None:
        """The time control."""
        try:
            return _time_control_of(data)
        except ValueError as error:
            self.fail("unknown", reason=error)


def _time_control_of(data: Any) -> TimeControl | None:
    names = ("initial", "increment", "daysPerMove")
    if not isinstance(data, dict) or not data or not data.keys() <= {*names}:
        raise ValueError("a time control is initial and increment, or daysPerMove")
    if not all(type(value) is int for value in data.values()):
        raise ValueError("a time control is of integers")
    return control_of(*(data.get(name) for name in names))


class NewGame(Strict):
    """What a new game is to be like."""

    visibility = serializers.ChoiceField(
        choices=[v.value for v in Visibility], default=Visibility.PUBLIC.value, help_text="Who finds it."
    )
    firstMove = FirstMove(default=1, help_text="Who moves first.")  # noqa: N815  the contract's spelling
    timeControl = TimeControlField(default=None, allow_null=True, help_text="How much time there is.")  # noqa: N815
    rated = Flag(default=False, help_text="Whether the outcome changes both ratings.")
    takebacks = Flag(default=True, help_text="Whether moves may be taken back.")
    opening = serializers.ChoiceField(
        choices=[opening.value for opening in Opening], required=False,
        help_text="What is on the board at the start: nothing, or a position that is drawn at random of those in which "
        "neither side has a win. Nothing unless said, but for rated games, which have none other than `ballot`.",
    )  # fmt: skip

    opponent = Text(required=False, help_text="A player's name: a challenge, which only they may join.")
    computer = Level(required=False, help_text="Against the computer at this level, 1 to 8: it starts at once.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The fields, with an opening.

        Raises:
            serializers.ValidationError: a rated game without one; a named opponent beside the computer.
        """
        if "computer" in attrs and "opponent" in attrs:
            raise serializers.ValidationError({"computer": "Not together with an opponent."})
        opening = Opening(attrs.get("opening", Opening.BALLOT if attrs["rated"] else Opening.NONE))
        if attrs["rated"] and opening is Opening.NONE:
            raise serializers.ValidationError({"opening": "Rated games begin with an opening of the ballot."})
        return {**attrs, "opening": opening}


class ClaimResult(Strict):
    """How a deserted game is to end."""

    result = serializers.ChoiceField(choices=["win", "draw"], help_text="One's own win, or a draw.")


class Filter(serializers.Serializer[Any]):
    """Which games to list."""

    state = serializers.ChoiceField(choices=["waiting", "in-progress", "finished"], required=False, allow_blank=True)
    participant = serializers.CharField(required=False, allow_blank=True, max_length=64, help_text="A user name.")
    series = serializers.CharField(
        required=False, allow_blank=True, max_length=64, help_text="A series' ID, which is its first game's."
    )


class Credentials(Strict):
    """Whom to sign in."""

    username = Text(max_length=254)
    password = Text(max_length=1024, trim_whitespace=False)


class Refresh(Strict):
    """A refresh token."""

    refresh = Text(max_length=4096)


def read(form: type[Strict], request: Request) -> dict[str, Any]:
    """The valid fields of a request's body.

    Args:
        form: what it must be.
        request: REST framework's.

    Raises:
        rest_framework.exceptions.APIException: 400 or 415.
    """
    found = form(data=request.data)
    found.is_valid(raise_exception=True)
    values: dict[str, Any] = found.validated_data
    return values


def nothing_expected(request: Request) -> None:
    """Refuse a body with fields where none are known.

    Raises:
        rest_framework.exceptions.APIException: 400 or 415.
    """
    read(Strict, request)
