"""Moves in the admin: a list to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from games.admin.reading import ReadOnlyAdmin, in_utc
from games.models import Move
from games.rules import ids
from games.rules.outcomes import mover_of


class MoveAdmin(ReadOnlyAdmin):
    """Every disc of every game, the newest first."""

    list_display = ("game", "ply", "participant", "column_from_1", "played")
    list_display_links = ("ply",)
    list_select_related = ("game__participant1", "game__participant2")
    search_fields = ("game__participant1__name", "game__participant2__name")
    search_help_text = "A game's ID in any form, or a player's name."
    ordering = ("-pk",)
    fields = ("game", "ply", "participant", "column_from_1", "played")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet[Move], bool]:
        """By ID where the text can be one, else by name."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        game_id = ids.normalise(search_term)
        return (found | queryset.filter(Q(game_id=game_id)) if game_id else found), may_repeat

    @admin.display(description="participant")
    def participant(self, move: Move) -> str:
        """The name of whose disc it is."""
        mover = mover_of(move.ply, move.game.first_move)
        player = move.game.participant1 if mover == 1 else move.game.participant2
        return player.name if player else ""

    @admin.display(description="played at", ordering="played_at")
    def played(self, move: Move) -> str:
        """When it was played."""
        return in_utc(move.played_at)

    @admin.display(description="column (from 1)")
    def column_from_1(self, move: Move) -> int:
        """The column as the notation counts it."""
        return move.column + 1
