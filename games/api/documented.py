"""The API's schema: what each call takes and answers, said once for all calls."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.contrib.rest_framework_simplejwt import SimpleJWTScheme
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from games.api.answers import RefusalAnswer

F = TypeVar("F", bound=Callable[..., Any])

_REFUSALS = {
    400: "`invalid_request`: not JSON, a field missing, unknown or wrong.",
    401: "`unauthenticated`: no token or session, or one that is bad or expired.",
    403: "`forbidden` (a session without its CSRF token), `not_a_participant`.",
    404: "`game_not_found`, `unknown_player`.",
    405: "`invalid_request`: not with this method.",
    409: "The game does not stand so: `own_game`, `game_full`, `game_not_started`, `game_already_started`, "
         "`game_finished`, `offer_unavailable`, `too_late`, `not_rated`, `nothing_to_claim`, "
         "`game_not_finished`, `game_in_progress`.",
    415: "`invalid_request`: the body is not of type application/json.",
    429: "`rate_limited`; `Retry-After` says in how many seconds to try again.",
    503: "`try_again`: not known to be recorded; the same call again is safe. `computer_unavailable`.",
}  # fmt: skip

GAME_ID = OpenApiParameter(
    "game_id", str, OpenApiParameter.PATH, description="A game's ID, in any case, hyphens and spaces ignored.",
    examples=[OpenApiExample("ID", "A9F3QX")],
)  # fmt: skip
PLAYER_NAME = OpenApiParameter(
    "name", str, OpenApiParameter.PATH, description="A player's name, in any case.",
    examples=[OpenApiExample("Name", "alice")],
)  # fmt: skip
CURSOR = OpenApiParameter("cursor", str, description="Where the page begins, from `next` or `previous`.")
LIMIT = OpenApiParameter("limit", int, description="Games a page: 20 unless said, 100 at most.")
FORMAT = OpenApiParameter("format", str, enum=["json", "text"], default="json", description="The file's kind.")

MOVES = OpenApiParameter(
    "moves", str, description="One digit a move from the empty board, columns counted from 1.",
    examples=[OpenApiExample("moves", "44353")],
)  # fmt: skip


class BearerScheme(SimpleJWTScheme):  # type: ignore[no-untyped-call]  # drf-spectacular registers its subclasses
    """How tokens are described; known to the schema's generator by being defined."""

    target_class = "games.api.authentication.Bearer"
    name = "token"


def call(
    name: str, summary: str, answer: Any, *refusals: int, status: int = 200, request: Any = None, **options: Any
) -> Callable[[F], F]:
    """A decorator that describes one call in the schema.

    Args:
        name: its operation ID.
        summary: one line.
        answer: the serializer of a success; where there are several kinds, by status and media type.
        refusals: the statuses of its refusals.
        status: of a success.
        request: the serializer of the body, if it has one.
        options: for `extend_schema`.
    """
    responses: dict[Any, Any] = dict(answer) if isinstance(answer, dict) else {status: answer}
    responses |= {refusal: OpenApiResponse(RefusalAnswer, _REFUSALS[refusal]) for refusal in refusals}
    describe: Callable[[F], F] = extend_schema(
        operation_id=name, summary=summary, request=request, responses=responses, **options
    )
    return describe


def finish(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Bodies take no field beyond those described, and the schema says so; the generator's own marks go.

    Args:
        result: the schema.
    """
    _remove_marks(result)
    for name, schema in result["components"]["schemas"].items():
        if name in ("NewGame", "Credentials", "Refresh"):
            schema["additionalProperties"] = False
        if "players" in schema.get("properties", {}):  # the generator forgets that what a list holds may be null
            players = schema["properties"]["players"]
            players["items"] = {"allOf": [players["items"]], "nullable": True}
    return result


def _remove_marks(part: Any) -> None:
    if isinstance(part, dict):
        part.pop("x-spec-enum-id", None)
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _remove_marks(inner)
