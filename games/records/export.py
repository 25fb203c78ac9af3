"""A game as a file to download: the same from its page and from the API."""

from django.http import HttpResponse, JsonResponse

from games.game.live import LiveGame
from games.records.record import json_record, text_record


def export_file(live: LiveGame, file_format: str) -> HttpResponse:
    """An attachment named after the game.

    Args:
        live: the game, in any state.
        file_format: ``"json"``, or anything else for text.
    """
    if file_format == "json":
        response: HttpResponse = JsonResponse(json_record(live), json_dumps_params={"indent": 2})
        name = f"fourline-{live.id}.json"
    else:
        response = HttpResponse(text_record(live), content_type="text/plain; charset=utf-8")
        name = f"fourline-{live.id}.txt"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
