"""What people choose about chat: switched off or on, and whose lines they don't see."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from games.chat import choices
from games.models import Player
from games.runtime import Runtime, call


def tell(player_id: int) -> None:
    """Somebody has chosen something about chat, or blocked somebody: have their open connections see it at once."""

    async def told(here: Runtime) -> None:
        here.chats.person_changed(player_id)

    call(told)


@require_POST
@login_required
def switch(request: HttpRequest) -> HttpResponse:
    """Switch one's chat off or on, by the form field ``chat``."""
    wanted = request.POST.get("chat")
    if wanted not in ("on", "off"):
        return _answer(request, "Choose on or off.", "account", is_right=False)
    player_id = request.user.pk or 0
    choices.switch(player_id, wanted == "off")
    tell(player_id)
    return _answer(request, f"Chat is {wanted}.", "account")


def hide(request: HttpRequest, player: Player) -> HttpResponse:
    """See no lines of somebody from now on."""
    player_id = request.user.pk or 0
    choices.hide(player_id, player)
    tell(player_id)
    return _answer(request, f"What {player.name} says in chat is hidden from you.", "profile", player.name)


def unhide(request: HttpRequest, player: Player) -> HttpResponse:
    """See somebody's lines again."""
    player_id = request.user.pk or 0
    choices.unhide(player_id, player)
    tell(player_id)
    back = ["blocked"] if request.POST.get("back") == "list" else ["profile", player.name]
    return _answer(request, f"What {player.name} says in chat is shown to you again.", *back)


def _answer(request: HttpRequest, text: str, *page: str, is_right: bool = True) -> HttpResponse:
    """Nothing for a page's script, which says it in its own way; else back to a page that says it."""
    if request.headers.get("Accept", "").startswith("application/json"):
        return HttpResponse(status=204 if is_right else 400)
    (messages.success if is_right else messages.error)(request, text)
    return redirect(*page)
