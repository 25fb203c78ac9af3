"""Chat in the admin: lines to look at and to delete, and people to mute. All of it is in the admin's log."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from games.admin.reading import ReadOnlyAdmin, in_utc, link_to
from games.chat import moderation
from games.chat.models import Chatter, Line
from games.models import Player
from games.runtime import Runtime, call


class MutesPeople(ReadOnlyAdmin):
    """Pages from which people are muted: by the right to change people in chat."""

    def has_mute_permission(self, request: HttpRequest) -> bool:
        """Whether this person may mute others: by Django's own permission."""
        return request.user.has_perm("chat.change_chatter")

    def players_of(self, chosen: QuerySet[Any]) -> dict[int, Player]:
        """The people whom a choice of rows is about, by their keys."""
        return {row.player_id: row.player for row in chosen.select_related("player")}

    @admin.action(description="Mute for 15 minutes", permissions=["mute"])
    def mute_for_a_while(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """What they say is shown to nobody else until then."""
        until = timezone.now() + moderation.TIMEOUT
        for player in self.players_of(queryset).values():
            self._note(request, moderation.mute(player, until), f"Muted until {until:%Y-%m-%d %H:%M} UTC.")

    @admin.action(description="Mute for good", permissions=["mute"])
    def mute_for_good(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """What they say is shown to nobody else."""
        for player in self.players_of(queryset).values():
            self._note(request, moderation.mute(player, None), "Muted for good.")

    @admin.action(description="Unmute", permissions=["mute"])
    def unmute(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """What they say is for everybody again."""
        for player in self.players_of(queryset).values():
            chatter = moderation.unmute(player, timezone.now())
            if chatter is None:
                self.message_user(request, f"{player.name} is not muted.")
            else:
                self._note(request, chatter, "Unmuted.")

    def _note(self, request: HttpRequest, chatter: Chatter, text: str) -> None:
        self.log_change(request, chatter, text)
        self.message_user(request, f"{chatter.player.name}: {text}")


class IsShown(admin.SimpleListFilter):
    """Lines by who sees them."""

    title = "shown"
    parameter_name = "shown"
    _STATES = {  # noqa: RUF012  Django's own are not declared either
        "everybody": ("To everybody", Q(deleted_at=None, is_shadow=False)),
        "author": ("To their authors", Q(deleted_at=None, is_shadow=True)),
        "nobody": ("Deleted", Q(deleted_at__isnull=False)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The states."""
        return [(state, words) for state, (words, _) in self._STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Line]) -> QuerySet[Line]:
        """Lines in the state that was chosen."""
        state = self._STATES.get(self.value() or "")
        return queryset if state is None else queryset.filter(state[1])


class LineAdmin(MutesPeople):
    """Lines of chat: for whoever has the right to view them."""

    list_display = ("said", "kind", "game_page", "by", "words", "state")
    list_display_links = ("said",)
    list_select_related = ("room", "player", "deleted_by")
    list_filter = (IsShown, "room__kind", "at", "is_kept")
    search_fields = ("text", "player__name", "=game__id", "=room__series__id")
    ordering = ("-at", "-pk")
    fields = ("said", "kind", "game_page", "by", "words", "state", "is_kept")
    readonly_fields = fields
    actions = ("delete_lines", "mute_for_a_while", "mute_for_good", "unmute")

    @admin.display(description="at", ordering="at")
    def said(self, line: Line) -> str:
        """When it was said."""
        return in_utc(line.at)

    @admin.display(description="room", ordering="room__kind")
    def kind(self, line: Line) -> str:
        """In which of the two rooms."""
        return line.room.kind

    @admin.display(description="game")
    def game_page(self, line: Line) -> str:
        """Beside which game, and the way to it."""
        return format_html('<a href="{}">{}</a>', reverse("admin:games_game_change", args=[line.game_id]), line.game_id)

    @admin.display(description="by", ordering="player__name")
    def by(self, line: Line) -> str:
        """Who said it."""
        return link_to(line.player)

    @admin.display(description="line")
    def words(self, line: Line) -> str:
        """What was said."""
        return format_html("<bdi>{}</bdi>", line.text)

    @admin.display(description="state", empty_value="")
    def state(self, line: Line) -> str:
        """Who sees it, unless all do."""
        return state_of(line)

    def has_delete_lines_permission(self, request: HttpRequest) -> bool:
        """Whether this person may delete lines: by Django's own permission."""
        return request.user.has_perm("chat.delete_line")

    @admin.action(description="Delete lines", permissions=["delete_lines"])
    def delete_lines(self, request: HttpRequest, queryset: QuerySet[Line]) -> None:
        """Show them to nobody but moderators; who reads them now sees them vanish."""
        chosen, now = list(queryset), timezone.now()
        deleted = [line for line in chosen if moderation.delete_line(line, request.user, now)]  # type: ignore[arg-type]  # somebody with rights is signed in
        for line in deleted:
            self.log_change(request, line, "Deleted the line.")
        _tell({line.room.series_id for line in deleted})
        self.message_user(request, f"Deleted: {len(deleted)}.")
        if len(deleted) < len(chosen):
            self.message_user(request, f"{len(chosen) - len(deleted)} had been deleted already.")


def state_of(line: Line) -> str:
    """Who sees a line, in words; empty where everybody does who may read the room."""
    if line.deleted_at is not None:
        by = line.deleted_by.get_username() if line.deleted_by else "somebody who is gone"
        return format_html("deleted by {}, {}", by, in_utc(line.deleted_at))
    return "said while muted" if line.is_shadow else ""


def _tell(series_ids: set[str]) -> None:
    async def told(here: Runtime) -> None:
        for series_id in series_ids:
            here.chats.lines_deleted(series_id)

    if series_ids:
        call(told)


class ChatterAdmin(MutesPeople):
    """People who are or were muted. What else they have chosen about chat is their own affair."""

    list_display = ("about", "state")
    list_select_related = ("player",)
    search_fields = ("player__name",)
    ordering = ("player__name", "pk")
    fields = ("about", "state")
    readonly_fields = fields
    actions = ("mute_for_a_while", "mute_for_good", "unmute")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Chatter]:
        """Those whom a moderator has muted at some time."""
        found: QuerySet[Chatter] = super().get_queryset(request).select_related("player")
        return found.filter(Q(is_muted_for_good=True) | Q(muted_until__isnull=False))

    @admin.display(description="person", ordering="player__name")
    def about(self, chatter: Chatter) -> str:
        """Who it is."""
        return link_to(chatter.player)

    @admin.display(description="state")
    def state(self, chatter: Chatter) -> str:
        """Until when they are muted, if they are."""
        if chatter.is_muted_for_good:
            return "muted for good"
        if chatter.is_muted(timezone.now()):
            return format_html("muted until {}", in_utc(chatter.muted_until))
        return "not muted"
