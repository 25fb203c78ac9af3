"""Games in the admin: lists, the board and its moves, exports, and ending by hand."""

import json
import re
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from games.admin import exports
from games.admin.endings import AbortForm, AdjudicationForm, ask_and_end
from games.admin.reading import ReadOnlyAdmin, in_utc, link_to, outcome_in_words
from games.admin.truth import scores_beside
from games.game.live import LiveGame
from games.models import Game, GameQuerySet, Player
from games.records.record import json_record
from games.records.verification import faults_of
from games.records.words import mover_in_words
from games.rules import board, ids
from games.storage import loading
from games.storage.plies import on_board


class OfPlayer(admin.SimpleListFilter):
    """``?player=ID``, which the list of players links to; shown only where somebody is chosen."""

    title = "player"
    parameter_name = "player"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The chosen player; nobody, which hides the filter, where the address names none."""
        value = request.GET.get("player", "")
        # A key is never longer; what is longer overflows the database's integers.
        player = Player.objects.filter(pk=int(value)).first() if re.fullmatch("[0-9]{1,18}", value) else None
        return [(value, player.name)] if player else []

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Game]:
        """The games in which that player holds a seat."""
        found: QuerySet[Game] = queryset.of(int(self.value() or 0)) if self.value() else queryset
        return found


class GameAdmin(ReadOnlyAdmin):
    """Every game. Nothing of its history can be altered; a moderator may end it, with a reason that is kept."""

    list_display = ("id", "seat1", "seat2", "status", "outcome", "plies", "created", "started", "ended")
    list_display_links = ("id",)
    list_select_related = ("participant1", "participant2")
    list_filter = (OfPlayer, "state", "reason", "visibility", "create_time", "end_time")
    date_hierarchy = "create_time"
    search_fields = ("participant1__name", "participant2__name")
    search_help_text = "An ID in any form, or names: two names find the games between them."
    ordering = ("-create_time", "id")  # as the index has it
    fieldsets = (
        (None, {"fields": ("seat1", "seat2", "first_move", "visibility", "status", "outcome", "note")}),
        ("Times", {"fields": ("created", "started", "ended")}),
        ("Rematch", {"fields": ("rematch_of", "rematch_offered_by", "followed_by", "place")}),
    )
    readonly_fields = (
        "seat1",
        "seat2",
        "status",
        "outcome",
        "created",
        "started",
        "ended",
        "rematch_offered_by",
        "followed_by",
        "place",
    )
    change_form_template = "admin/games/game/change_form.html"
    actions = ("export_json", "export_csv", "adjudicate", "abort")

    # --- looking ------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Game]:
        """All games, with the number of their plies."""
        games: QuerySet[Game] = super().get_queryset(request)
        return games.annotate(plies=on_board())

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet[Game], bool]:
        """By ID where the text can be one, and by name."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        game_id = ids.normalise(search_term)
        return (found | queryset.filter(pk=game_id) if game_id else found), may_repeat

    @admin.display(description="participant 1", ordering="participant1__name")
    def seat1(self, game: Game) -> str:
        """Who made the game."""
        return link_to(game.participant1)

    @admin.display(description="participant 2", ordering="participant2__name")
    def seat2(self, game: Game) -> str:
        """Who joined."""
        return link_to(game.participant2)

    @admin.display(description="state", ordering="state")
    def status(self, game: Game) -> str:
        """The state, on one line."""
        return format_html('<span class="one-line">{}</span>', game.get_state_display())

    @admin.display(description="created", empty_value="", ordering="create_time")
    def created(self, game: Game) -> str:
        """When it was made."""
        return in_utc(game.create_time)

    @admin.display(description="started", empty_value="", ordering="start_time")
    def started(self, game: Game) -> str:
        """When participant 2 joined."""
        return in_utc(game.start_time)

    @admin.display(description="ended", empty_value="", ordering="end_time")
    def ended(self, game: Game) -> str:
        """When it was over."""
        return in_utc(game.end_time)

    @admin.display(description="outcome", empty_value="")
    def outcome(self, game: Game) -> str:
        """How it ended."""
        return outcome_in_words(game)

    @admin.display(description="plies")
    def plies(self, game: Any) -> int:
        """How many discs were dropped."""
        return int(game.plies)

    @admin.display(description="rematch offered by")
    def rematch_offered_by(self, game: Game) -> int | None:
        """The participant whose offer stands."""
        live = _live(game)
        return None if live is None else live.rematch_offered_by

    @admin.display(description="followed by")
    def followed_by(self, game: Game) -> str:
        """The rematch."""
        following = getattr(game, "rematch", None)  # the reverse of a one-to-one raises where there is none
        if following is None:
            return "-"
        return format_html('<a href="{}">{}</a>', reverse("admin:games_game_change", args=[following.pk]), following.pk)

    @admin.display(description="series")
    def place(self, game: Game) -> str:
        """The game's number in its series."""
        return f"game {game.series_number} of {game.series_id or game.pk}"

    # --- one game -----------------------------------------------------------------------------------------------

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Game | None:
        """A game by its ID in any form, with all that its page shows, in two queries."""
        game_id = ids.normalise(object_id)
        games = Game.objects.with_names_and_moves().select_related("rematch_of")
        return games.filter(pk=game_id).first() if game_id else None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of one game; other forms of its ID are redirected to the canonical one."""
        typed = unquote(object_id)
        game_id = ids.normalise(typed)
        if game_id is not None and game_id != typed:
            return redirect("admin:games_game_change", quote(game_id))
        return super().change_view(request, object_id, form_url, extra_context)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Add the board, the moves and whatever is wrong with the record."""
        game: Game = kwargs["obj"]
        live = _live(game)
        scores = scores_beside(live, request.user.pk) if live and self.has_end_permission(request) else None
        context.update(
            live=live,
            steps=live and json.dumps(json_record(live)),
            moves=live and _moves(live, scores),
            is_reviewed=scores is not None,
            faults=faults_of(game, timezone.now()),
            may_end=self.has_end_permission(request) and game.end_time is None,
        )
        return super().render_change_form(request, context, *args, **kwargs)

    # --- actions ------------------------------------------------------------------------------------------------

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Whether this person may end games: who may change them, by Django's own permission."""
        return request.user.has_perm("games.change_game")

    @admin.action(description="Export as JSON", permissions=["view"])
    def export_json(self, request: HttpRequest, queryset: GameQuerySet) -> HttpResponse | None:
        """The chosen games as a JSON file."""
        games = self._readable(request, queryset)
        if games is None:
            return None
        return _file(exports.as_json(games), "application/json", exports.file_name(len(games), "json"))

    @admin.action(description="Export as CSV", permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: GameQuerySet) -> HttpResponse | None:
        """The chosen games as a file for spreadsheets."""
        games = self._readable(request, queryset)
        if games is None:
            return None
        return _file(exports.as_csv(games), "text/csv; charset=utf-8", exports.file_name(len(games), "csv"))

    @admin.action(description="End by adjudication…", permissions=["end"])
    def adjudicate(self, request: HttpRequest, queryset: GameQuerySet) -> HttpResponse | None:
        """Give the chosen games a winner, or none, and a reason."""
        return ask_and_end(self, request, queryset, "adjudicate", AdjudicationForm)

    @admin.action(description="Abort…", permissions=["end"])
    def abort(self, request: HttpRequest, queryset: GameQuerySet) -> HttpResponse | None:
        """End the chosen games without a winner, with a reason."""
        return ask_and_end(self, request, queryset, "abort", AbortForm)

    def _readable(self, request: HttpRequest, queryset: GameQuerySet) -> list[LiveGame] | None:
        """The chosen games for a file; says which are left out, and None where there are none or too many."""
        if queryset.count() > exports.MOST:
            self.message_user(request, f"At most {exports.MOST} games in one file: choose fewer.", messages.ERROR)
            return None
        games = list(exports.readable(queryset))
        broken = [game for game in games if isinstance(game, str)]
        if broken:
            text = f"Left out: {', '.join(broken)}. Their records do not hold; see manage.py verify_games."
            self.message_user(request, text, messages.WARNING)
        return [game for game in games if isinstance(game, LiveGame)] or None


def _live(game: Game) -> LiveGame | None:
    """The game to be drawn; None where its record does not hold."""
    try:
        return loading.as_live(game)
    except (board.IllegalDrop, ValueError):
        return None


def _moves(live: LiveGame, scores: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """The lines of the list of moves, with what the review says of them."""
    started = live.start_time or live.create_time
    lines = []
    for ply, (column, played_at, before) in enumerate(
        zip(live.columns, live.played_at, [started, *live.played_at], strict=False), start=1
    ):
        seat = live.mover_of(ply)
        seconds = (played_at - before).total_seconds()
        line = {
            "ply": ply,
            "seat": seat,
            "name": mover_in_words(live, ply),
            "column": column + 1,
            "played_at": played_at,
        }
        lines.append({**line, "seconds": seconds, **(scores[ply - 1] if scores else {})})
    return lines


def _file(text: str, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(text, content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
