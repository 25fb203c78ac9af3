"""Games over HTTP. A game made here is an ordinary one: every change goes through the registry, as from a page."""

from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from games import runtime
from games.api import documented, requests
from games.api.answers import ExportAnswer, GameAnswer, GamePageAnswer, MoveAnswer
from games.api.documented import call
from games.api.finding import find
from games.game.commands import Cancel, Command, Decline
from games.game.live import LiveGame
from games.game.new_game import Terms
from games.game.people import Participant
from games.models import Challengers, Game, GameQuerySet, Player
from games.protocol import ErrorCode, GameError, Resign, State, Visibility
from games.protocol.commands import AbortGame, Claim, OfferDraw
from games.records.export import export_file
from games.rules.ids import normalise
from games.storage import loading


class Pages(CursorPagination):
    """Twenty games a page, newest first; a page stays what it is while new games come."""

    ordering = ("-create_time", "id")
    page_size = 20
    page_size_query_param = "limit"
    max_page_size = 100

    def decode_cursor(self, request: Request) -> Any:
        """Where the page begins.

        Raises:
            ParseError: the cursor is not one of ours.
        """
        try:
            return super().decode_cursor(request)
        except NotFound:
            raise ParseError("cursor: not one that was given out.") from None


class Games(APIView):
    """The list, and making a game."""

    @call("list_games", "Public games and one's own, newest first", GamePageAnswer, 400, 401, 503,
          parameters=[requests.Filter, documented.CURSOR, documented.LIMIT], tags=["games"])  # fmt: skip
    def get(self, request: Request) -> Response:
        """A page of games; `next` is the address of the one after it."""
        wanted = requests.Filter(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        pages = Pages()
        games = _filtered(_visible_to(request.user), wanted.validated_data).with_names_and_moves()
        try:
            rows = pages.paginate_queryset(games, request) or []
        except (ValidationError, ValueError, OverflowError):
            raise ParseError("cursor: not one that was given out.") from None
        return pages.get_paginated_response([_as_json(game) for game in loading.those_that_hold(rows)])

    @call("create_game", "Make a game", GameAnswer, 400, 401, 403, 404, 409, 415, 429, 503,
          status=201, request=requests.NewGame, tags=["games"])  # fmt: skip
    def post(self, request: Request) -> Response:
        """It waits for whoever joins, or starts at once against the computer; only public games are shown to others."""
        wanted = requests.read(requests.NewGame, request)
        participant = _participant(request)
        if wanted["rated"] and wanted["timeControl"] is None:
            raise GameError(ErrorCode.NOT_RATED, "Rated games have a time control.")
        terms = Terms(
            Visibility(wanted["visibility"]), wanted["firstMove"], wanted["takebacks"], wanted["timeControl"],
            wanted["opening"], wanted["rated"], invited(wanted.get("opponent"), participant),
        )  # fmt: skip
        if "computer" in wanted:
            game = runtime.call(lambda here: here.thinking.start_game(participant, terms, wanted["computer"]))
        else:
            game = runtime.call(lambda here: here.creation.create(participant, terms))
        return Response(_as_json(game), 201)


class OneGame(APIView):
    """One game."""

    @call("read_game", "One game", GameAnswer, 401, 404, 429, 503, parameters=[documented.GAME_ID], tags=["games"])
    def get(self, request: Request, game_id: str) -> Response:
        """For whoever has its ID."""
        return Response(_as_json(find(request, game_id)))


class Moves(APIView):
    """The moves of a game."""

    @call("list_moves", "A game's moves", MoveAnswer(many=True), 401, 404, 429, 503,
          parameters=[documented.GAME_ID], tags=["games"])  # fmt: skip
    def get(self, request: Request, game_id: str) -> Response:
        """All of them, in order."""
        return Response(_moves(find(request, game_id)))


class Export(APIView):
    """A game as a file."""

    @call("export_game", "A game as a file", {(200, "application/json"): ExportAnswer, (200, "text/plain"): str},
          400, 401, 404, 429, 503, parameters=[documented.GAME_ID, documented.FORMAT], tags=["games"])  # fmt: skip
    def get(self, request: Request, game_id: str) -> HttpResponse:
        """As JSON with the time of each move, or as text to read."""
        file_format = request.query_params.get("format", "json")
        if file_format not in ("json", "text"):
            raise ParseError("format: json or text.")
        return export_file(find(request, game_id), file_format)


class JoinGame(APIView):
    """Taking seat 2."""

    @call("join_game", "Take the second seat", GameAnswer, 400, 401, 403, 404, 409, 415, 429, 503,
          parameters=[documented.GAME_ID], tags=["games"])  # fmt: skip
    def post(self, request: Request, game_id: str) -> Response:
        """The game begins. For whoever holds that seat already, the game as it is."""
        requests.nothing_expected(request)
        found, participant = find(request, game_id), _participant(request)
        return Response(_as_json(runtime.call(lambda here: here.creation.join(found.id, participant))))


class ResignGame(APIView):
    """Giving a game up."""

    @call("resign_game", "Give the game to the other side", GameAnswer, 400, 401, 403, 404, 409, 415, 429, 503,
          parameters=[documented.GAME_ID], tags=["games"])  # fmt: skip
    def post(self, request: Request, game_id: str) -> Response:
        """For its participants, while it is in progress."""
        return _run(request, game_id, Resign())


class DrawGame(APIView):
    """Offering a draw, or accepting one."""

    @call("draw_game", "Offer a draw, or accept the other side's offer", GameAnswer, 400, 401, 403, 404, 409, 415, 429,
          503, parameters=[documented.GAME_ID], tags=["games"])  # fmt: skip
    def post(self, request: Request, game_id: str) -> Response:
        """For the participants of a game in progress; each at most once in 4 plies."""
        return _run(request, game_id, OfferDraw())


class AbortOneGame(APIView):
    """Ending a game before both sides have moved."""

    @call("abort_game", "End a game that has hardly begun, without a winner", GameAnswer, 400, 401, 403, 404, 409, 415,
          429, 503, parameters=[documented.GAME_ID], tags=["games"])  # fmt: skip
    def post(self, request: Request, game_id: str) -> Response:
        """For either participant, before both have moved."""
        return _run(request, game_id, AbortGame())


class ClaimGame(APIView):
    """Ending a game that the other side has left."""

    @call("claim_game", "End a game that the other side has left", GameAnswer, 400, 401, 403, 404, 409, 415, 429, 503,
          request=requests.ClaimResult, parameters=[documented.GAME_ID], tags=["games"])  # fmt: skip
    def post(self, request: Request, game_id: str) -> Response:
        """Once `presence` says so on the game's socket, which has to be open in the process that is asked."""
        wanted = requests.read(requests.ClaimResult, request)
        return _run_read(request, game_id, Claim(result=wanted["result"]))


class DeclineGame(APIView):
    """Refusing a challenge."""

    @call("decline_game", "Decline a challenge", GameAnswer, 400, 401, 403, 404, 409, 415, 429, 503,
          parameters=[documented.GAME_ID], tags=["games"])  # fmt: skip
    def post(self, request: Request, game_id: str) -> Response:
        """For whom it is for, until they have joined."""
        return _run(request, game_id, Decline())


class CancelGame(APIView):
    """Taking a waiting game back."""

    @call("cancel_game", "Take a waiting game back", GameAnswer, 400, 401, 403, 404, 409, 415, 429, 503,
          parameters=[documented.GAME_ID], tags=["games"])  # fmt: skip
    def post(self, request: Request, game_id: str) -> Response:
        """For whoever made it, until somebody joins."""
        return _run(request, game_id, Cancel())


# --- what they share --------------------------------------------------------------------------------------------


def _participant(request: Request) -> Participant:
    return Player.objects.of(request.user).participant


def _run(request: Request, game_id: str, command: Command) -> Response:
    """Let the registry run a command on a game that the asker may know of; answer the game after it."""
    requests.nothing_expected(request)
    return _run_read(request, game_id, command)


def _run_read(request: Request, game_id: str, command: Command) -> Response:
    """`_run`, for a request whose body has been read."""
    found = find(request, game_id)
    player_id = request.user.pk
    game, _ = runtime.call(lambda here: here.registry.run(found.id, player_id, command))
    return Response(_as_json(game))


def _as_json(game: LiveGame) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(game.as_json_object())
    return found


def _moves(game: LiveGame) -> list[dict[str, Any]]:
    names = ("ply", "participant", "column", "row", "played_at")
    played = (game.move_played(ply) for ply in range(1, len(game.columns) + 1))
    return [{("playedAt" if name == "played_at" else name): getattr(move, name) for name in names} for move in played]


def _visible_to(user: Any) -> GameQuerySet:
    """Public games, and one's own."""
    public = Q(visibility=Visibility.PUBLIC) & ~Q(state=State.WAITING, invited__isnull=False)
    if not user.is_authenticated:
        return Game.objects.filter(public)
    return Game.objects.filter(public | Q(participant1=user.pk) | Q(participant2=user.pk))


def _filtered(games: GameQuerySet, wanted: dict[str, str]) -> GameQuerySet:
    if wanted.get("state"):
        games = games.filter(state=wanted["state"])
    if wanted.get("participant"):
        player_id = _player_of(wanted["participant"])
        games = games.none() if player_id is None else games.of(player_id)
    if wanted.get("series"):
        games = games.of_series(normalise(wanted["series"]) or "")
    return games


def invited(name: str | None, participant: Participant) -> Participant | None:
    """Whom a challenge is for.

    Args:
        name: the player's, in any case; None where it is no challenge.
        participant: who challenges.

    Raises:
        GameError: ``unknown_player``.
        GameError: ``forbidden``, they take no challenges, or none of this person's.
        ParseError: it is for oneself.
    """
    if name is None:
        return None
    player = Player.objects.filter(pk=_player_of(name), computer=None, user__is_active=True).first()
    if player is None:
        raise GameError(ErrorCode.UNKNOWN_PLAYER)
    if player.pk == participant.player_id:
        raise ParseError("opponent: that is you.")
    if not _may_challenge(player, participant.player_id):
        raise GameError(ErrorCode.FORBIDDEN, f"{player.name} takes no challenges from you.")
    return player.participant


def _may_challenge(player: Player, challenger_id: int) -> bool:
    if player.challenged_by == Challengers.PLAYED:
        together = Q(participant1=player.pk, participant2=challenger_id)
        return Game.objects.filter(together | Q(participant1=challenger_id, participant2=player.pk)).exists()
    return player.challenged_by != Challengers.NOBODY


def _player_of(name: str) -> int | None:
    users = get_user_model()
    try:
        return int(users._default_manager.get_by_natural_key(name).pk)
    except users.DoesNotExist:
        return None
