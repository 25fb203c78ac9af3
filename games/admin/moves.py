"""Moves in the admin: a list to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet
from django.http import HttpRequest

from games.admin.reading import ReadOnlyAdmin, in_utc
from games.models import Move
from games.rules import ids
from games.storage.plies import on_board


class MoveAdmin(ReadOnlyAdmin):
    """Every disc of every game, the newest first."""

    list_display = ("game", "ply", "participant", "column_from_1", "played")
    list_display_links = ("ply",)
    list_select_related = ("game__participant1", "game__participant2")
    search_fields = ("game__participant1__name", "game__participant2__name")
    search_help_text = "A game's ID in any form, or a player's name."
    ordering = ("-pk",)
    fields = ("game", "ply", "participant", "column_from_1", "played")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Move]:
        """All discs, with the number of discs on the board before them."""
        moves: QuerySet[Move] = super().get_queryset(request)
        return moves.annotate(before=on_board("game", number__lt=OuterRef("number")))

    @admin.display(description="ply")
    def ply(self, move: Any) -> int:
        """Which disc of its game it is, counted from 1."""
        return int(move.before) + 1

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet[Move], bool]:
        """By ID where the text can be one, else by name."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        game_id = ids.normalise(search_term)
        return (found | queryset.filter(Q(game_id=game_id)) if game_id else found), may_repeat

    @admin.display(description="participant")
    def participant(self, move: Move) -> str:
        """The name of whose disc it is."""
        player = move.game.participant1 if move.seat == 1 else move.game.participant2
        return player.name if player else ""

    @admin.display(description="played at", ordering="at")
    def played(self, move: Move) -> str:
        """When it was played."""
        return in_utc(move.at)

    @admin.display(description="column (from 1)")
    def column_from_1(self, move: Move) -> int | None:
        """The column as the notation counts it."""
        return None if move.column is None else move.column + 1
