"""The honesty queue in the admin: whose play is unusual, the games that show it, and what moderators do about it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from games.admin.reading import ReadOnlyAdmin, in_utc
from games.honesty import actions, evidence, population
from games.honesty.models import Action, Conduct


class ActionForm(forms.Form):
    """What a moderator does, and why."""

    kind = forms.ChoiceField(choices=Action.KINDS)
    text = forms.CharField(
        max_length=Action.LONGEST_TEXT, label="Why", strip=True, widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        help_text="For moderators alone.",
    )  # fmt: skip


class Selection(admin.SimpleListFilter):
    """Whose play is unusual and whom no moderator has looked at, unless others are asked for."""

    title = "selection"
    parameter_name = "selection"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The others."""
        return [("seen", "Unusual, with something done"), ("marked", "Marked"), ("all", "Everybody")]

    def choices(self, changelist: Any) -> Any:
        """With what is shown where nothing was chosen."""
        first, *others = super().choices(changelist)
        yield {**first, "display": "Unusual, nothing done"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conduct]) -> QuerySet[Conduct]:
        """The people who were chosen."""
        if self.value() == "all":
            return queryset
        if self.value() == "marked":
            return queryset.filter(player__marked=True)
        done = Exists(Action.objects.filter(player=OuterRef("pk"), undone_at=None))
        unusual = queryset.filter(pk__in=[row.pk for row in population.queue()])
        return unusual.filter(done if self.value() == "seen" else ~done)


class ConductAdmin(ReadOnlyAdmin):
    """Everybody with reviewed rated games, the most unusual first. It says what is unusual, never what follows."""

    list_display = ("person", "deviations", "games", "best_moves", "evenness", "turns_left", "newest", "done")
    list_display_links = None
    list_select_related = ("player",)
    list_filter = (Selection,)
    search_fields = ("player__name",)
    fields = ("person", "how_unusual", "games", "best_moves", "times", "page_left", "usual", "newest")
    readonly_fields = fields
    change_form_template = "admin/honesty/conduct/change_form.html"
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conduct]:
        """Everybody, by how unusual they are at present."""
        rows = population.Population.now().with_unusual(super().get_queryset(request))
        return rows.order_by(F("unusual").desc(), "pk").prefetch_related("player__moderations")

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """As the rows come."""
        return []

    # --- columns ------------------------------------------------------------------------------------------------

    @admin.display(description="person")
    def person(self, conduct: Conduct) -> str:
        """Who, and the way to the games."""
        return link_to_conduct(conduct)

    @admin.display(description="unusual by")
    def how_unusual(self, conduct: Any) -> str:
        """How far from what is usual."""
        too_few = "" if conduct.games >= population.LEAST_GAMES else ", of few games"
        return f"{self.deviations(conduct)} deviations{too_few}"

    @admin.display(description="unusual by")
    def deviations(self, conduct: Any) -> str:
        """The same in short, for the list."""
        return f"{round(conduct.unusual, 1) + 0.0:.1f}"

    @admin.display(description="best moves")
    def best_moves(self, conduct: Conduct) -> str:
        """Where three columns or more did not lose at once."""
        share = evidence.percent(conduct.best, conduct.choices)
        return "none that asked something" if share is None else f"{share}% of {conduct.choices}"

    @admin.display(description="move times")
    def times(self, conduct: Conduct) -> str:
        """How even they are."""
        return evidence.spread_in_words(conduct.spread)

    @admin.display(description="move times")
    def evenness(self, conduct: Conduct) -> str:
        """The same in short, for the list."""
        return evidence.factor_of(conduct.spread).replace(" ", "\N{NO-BREAK SPACE}")

    @admin.display(description="page left")
    def turns_left(self, conduct: Conduct) -> str:
        """As the page has told it, in short, for the list."""
        return f"{conduct.left_own} own, {conduct.left_other} other"

    @admin.display(description="usual among all")
    def usual(self, conduct: Conduct) -> str:
        """What a moderator compares the figures with."""
        return evidence.usual_in_words(population.Population.now())

    @admin.display(description="page left")
    def page_left(self, conduct: Conduct) -> str:
        """As the page has told it."""
        return f"in {conduct.left_own} own turns, {conduct.left_other} of the other side"

    @admin.display(description="newest game")
    def newest(self, conduct: Conduct) -> str:
        """When it ended."""
        return in_utc(conduct.last_game_at)

    @admin.display(description="done so far")
    def done(self, conduct: Conduct) -> str:
        """What stands of what moderators have done."""
        standing = [action for action in conduct.player.moderations.all() if action.undone_at is None]
        return ", ".join(sorted({action.get_kind_display() for action in standing})) or "nothing"

    # --- one person ---------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """With what moderators do."""
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/act/", view(require_POST(self.act)), name="honesty_conduct_act"),
            path("<int:pk>/undo/<int:action>/", view(require_POST(self.undo)), name="honesty_conduct_undo"),
        ]
        return own + super().get_urls()

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Add the games and what was done."""
        conduct: Conduct = kwargs["obj"]
        context.update(
            evidence=evidence.games_of(conduct.pk),
            done=conduct.player.moderations.select_related("by", "undone_by"),
            may_act=self.has_act_permission(request),
            form=ActionForm(auto_id="id_action_%s"),
            title=f"{conduct.player.name}: games",
        )
        return super().render_change_form(request, context, *args, **kwargs)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whether this person may do something about others: by Django's own permission to change these rows."""
        return request.user.has_perm("honesty.change_conduct")

    def act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note, mark, or give points back."""
        conduct = self._of(request, pk)
        form = ActionForm(request.POST)
        if not form.is_valid():
            self.message_user(request, "Say why: up to 1000 characters.", messages.ERROR)
        else:
            kind, text = form.cleaned_data["kind"], form.cleaned_data["text"]
            self._report(
                request, conduct, lambda: actions.act(conduct.player, kind, text, request.user, timezone.now())
            )
        return redirect("admin:honesty_conduct_change", pk)

    def undo(self, request: HttpRequest, pk: int, action: int) -> HttpResponse:
        """Take something back."""
        conduct = self._of(request, pk)
        found = conduct.player.moderations.filter(pk=action).first()
        if found is None:
            raise Http404
        self._report(request, conduct, lambda: actions.undo(found, request.user, timezone.now()))
        return redirect("admin:honesty_conduct_change", pk)

    def _of(self, request: HttpRequest, pk: int) -> Conduct:
        """Whom it is about, for whoever may do something."""
        if not self.has_act_permission(request):
            raise PermissionDenied
        conduct = Conduct.objects.select_related("player").filter(pk=pk).first()
        if conduct is None:
            raise Http404
        return conduct

    def _report(self, request: HttpRequest, conduct: Conduct, do: Callable[[], str]) -> None:
        try:
            words = do()
        except actions.NotDone as why:
            self.message_user(request, str(why), messages.WARNING)
            return
        self.log_change(request, conduct, words)
        self.message_user(request, words, messages.SUCCESS)


def link_to_conduct(conduct: Conduct) -> str:
    """A person's name as a link to the games behind the figures."""
    address = reverse("admin:honesty_conduct_change", args=[conduct.pk])
    return format_html('<a href="{}">{}</a>', address, conduct.player.name)
