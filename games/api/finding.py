"""The game that an address of the API names."""

from rest_framework.request import Request

from games.access import addresses, guessing
from games.game.live import LiveGame
from games.protocol import ErrorCode, GameError
from games.rules.ids import normalise
from games.storage import loading


def find(request: Request, text: str) -> LiveGame:
    """The stored game of an ID in any of its forms.

    Raises:
        GameError: ``game_not_found``, or ``rate_limited`` after too many IDs that lead nowhere.
    """
    game_id = normalise(text)
    if game_id is None:
        raise GameError(ErrorCode.GAME_NOT_FOUND)
    return guessing.admit(loading.load(game_id), request.user.pk, addresses.of_request(request._request))
