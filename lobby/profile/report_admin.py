"""The queue of reports in the admin: who, why, and the game beside it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from games.admin.chat import state_of
from games.admin.reading import ReadOnlyAdmin, in_utc, link_to, outcome_in_words
from games.chat import moderation
from games.chat.models import Line
from games.templatetags.boards import board_picture
from lobby.models import Report
from lobby.profile import reports


class IsOpen(admin.SimpleListFilter):
    """Reports that wait for a moderator, unless others are asked for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The others."""
        return [("closed", "Closed"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        """With what is shown where nothing was chosen."""
        first, *others = super().choices(changelist)
        yield {**first, "display": "Open"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Report]) -> QuerySet[Report]:
        """Reports in the state that was chosen."""
        if self.value() == "all":
            return queryset
        return queryset.filter(closed_at__isnull=self.value() != "closed")


CHAT_ROW = '<tr class="{}"><td><a href="{}">{}</a></td><td>{}</td><td>{}</td><td><bdi>{}</bdi></td><td>{}</td></tr>'
"""When, and the way to the line; the room and the game; who; what; who sees it."""


def _chat_row(line: Line, report: Report) -> tuple[str, ...]:
    address = reverse("admin:chat_line_change", args=[line.pk])
    is_theirs = line.player_id == report.reported_id
    where = f"{line.room.kind}, {'this game' if line.game_id == report.game_id else line.game_id}"
    return "reported" if is_theirs else "", address, in_utc(line.at), where, line.player.name, line.text, state_of(line)


class ReportAdmin(ReadOnlyAdmin):
    """Reports: looked at here, and closed with a verdict. What is done about a person is done on the person's pages."""

    list_display = ("made", "about", "why", "small_board", "words", "by", "open_reports", "closed")
    list_display_links = ("made",)
    list_select_related = ("reporter", "reported", "game__participant1", "game__participant2", "closed_by")
    list_filter = (IsOpen, "reason", "verdict", "at")
    search_fields = ("reported__name", "reporter__name", "text")
    ordering = ("-at",)
    fields = (
        "made", "about", "open_reports", "why", "words", "by", "game_page", "how_it_ended", "board", "closed",
    )  # fmt: skip
    readonly_fields = (*fields, "chat_lines")
    actions = ("close_as_acted", "close_as_dismissed")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        """All reports, with boards, and with how many are open about the same person."""
        found: QuerySet[Report] = super().get_queryset(request).prefetch_related("game__changes")
        waiting = Report.objects.filter(closed_at=None, reported=OuterRef("reported")).order_by().values("reported")
        count = Coalesce(Subquery(waiting.annotate(number=Count("pk")).values("number")), 0)
        return found.annotate(open_count=count)

    @admin.display(description="at", ordering="at")
    def made(self, report: Report) -> str:
        """When it was made."""
        return in_utc(report.at)

    @admin.display(description="reported", ordering="reported__name")
    def about(self, report: Report) -> str:
        """Who is reported."""
        return link_to(report.reported)

    @admin.display(description="by", ordering="reporter__name")
    def by(self, report: Report) -> str:
        """Who reported."""
        return link_to(report.reporter)

    @admin.display(description="reason", ordering="reason")
    def why(self, report: Report) -> str:
        """The reason, in words."""
        return report.get_reason_display()

    @admin.display(description="what happened", empty_value="")
    def words(self, report: Report) -> str:
        """What the reporter wrote."""
        return report.text

    @admin.display(description="open about this person")
    def open_reports(self, report: Any) -> str:
        """How many reports about the same person wait, and the way to them."""
        address = f"{reverse('admin:lobby_report_changelist')}?q={report.reported.name}"
        return format_html('<a href="{}">{}</a>', address, report.open_count)

    @admin.display(description="closed", empty_value="")
    def closed(self, report: Report) -> str:
        """What became of it, by whom and when; empty while it waits."""
        if report.closed_at is None:
            return ""
        by = report.closed_by.get_username() if report.closed_by else "somebody who is gone"
        return format_html("{} by {}, {}", report.get_verdict_display(), by, in_utc(report.closed_at))

    # --- the game beside it -------------------------------------------------------------------------------------

    @admin.display(description="game", empty_value="")
    def small_board(self, report: Report) -> str:
        """The board, and the way to the game."""
        if report.game is None:
            return ""
        address = reverse("admin:games_game_change", args=[report.game.pk])
        return format_html(
            '<a class="report-board" href="{}">{}{}</a>', address, board_picture(report.game), report.game.pk
        )

    @admin.display(description="game", empty_value="none named")
    def game_page(self, report: Report) -> str:
        """The way to the game, and who plays it."""
        game = report.game
        if game is None:
            return ""
        address = reverse("admin:games_game_change", args=[game.pk])
        second = game.participant2
        return format_html(
            '<a href="{}">{}</a>: {} and {}', address, game.pk, link_to(game.participant1), link_to(second)
        )

    @admin.display(description="outcome", empty_value="")
    def how_it_ended(self, report: Report) -> str:
        """How the game ended."""
        return "" if report.game is None else outcome_in_words(report.game)

    @admin.display(description="board", empty_value="")
    def board(self, report: Report) -> str:
        """The board as it stands."""
        if report.game is None:
            return ""
        return format_html('<div class="report-board large">{}</div>', board_picture(report.game))

    # --- chat beside it -----------------------------------------------------------------------------------------

    def get_fields(self, request: HttpRequest, obj: Report | None = None) -> Any:
        """What was said beside the game is for who may read lines."""
        may_read = request.user.has_perm("chat.view_line")
        return (*self.fields[:-1], "chat_lines", self.fields[-1]) if may_read else self.fields

    @admin.display(description="chat of the series", empty_value="nothing, or no game named")
    def chat_lines(self, report: Report) -> str:
        """The newest lines of both rooms, the oldest first, those of the reported person marked."""
        if report.game is None:
            return ""
        lines = list(moderation.lines_beside(report.game))[::-1]
        rows = format_html_join("", CHAT_ROW, (_chat_row(line, report) for line in lines))
        return format_html('<table class="report-chat">{}</table>', rows) if lines else ""

    # --- closing ------------------------------------------------------------------------------------------------

    def has_close_permission(self, request: HttpRequest) -> bool:
        """Whether this person may close reports: by Django's own permission to change them."""
        return request.user.has_perm("lobby.change_report")

    @admin.action(description="Close: acted upon", permissions=["close"])
    def close_as_acted(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        """Something was done about it."""
        self._close(request, queryset, Report.ACTED)

    @admin.action(description="Close: dismissed", permissions=["close"])
    def close_as_dismissed(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        """Nothing has to be done."""
        self._close(request, queryset, Report.DISMISSED)

    def _close(self, request: HttpRequest, queryset: QuerySet[Report], verdict: str) -> None:
        chosen, now = list(queryset), timezone.now()
        closed = [report for report in chosen if reports.close(report.pk, verdict, request.user, now)]
        for report in closed:
            self.log_change(request, report, f"Closed: {verdict}.")
        self.message_user(request, f"Closed: {len(closed)}.")
        if len(closed) < len(chosen):
            text = f"{len(chosen) - len(closed)} had been closed already, and stay as they were."
            self.message_user(request, text, messages.WARNING)
