"""Addresses below ``/api/``."""

from django.urls import path, re_path

from games.api import pages, tokens
from games.api.games import (
    AbortOneGame,
    CancelGame,
    ClaimGame,
    DeclineGame,
    DrawGame,
    Export,
    Games,
    JoinGame,
    Moves,
    OneGame,
    ResignGame,
)
from games.api.leaderboard import Leaderboard
from games.api.reviews import GamePosition, GameReview

app_name = "api"
urlpatterns = [
    path("token/", tokens.Tokens.as_view(), name="token"),
    path("token/refresh/", tokens.Refreshing.as_view(), name="token_refresh"),
    path("token/revoke/", tokens.Revoking.as_view(), name="token_revoke"),
    path("games/", Games.as_view(), name="games"),
    path("games/<str:game_id>/", OneGame.as_view(), name="game"),
    path("games/<str:game_id>/join/", JoinGame.as_view(), name="join"),
    path("games/<str:game_id>/resign/", ResignGame.as_view(), name="resign"),
    path("games/<str:game_id>/draw/", DrawGame.as_view(), name="draw"),
    path("games/<str:game_id>/abort/", AbortOneGame.as_view(), name="abort"),
    path("games/<str:game_id>/claim/", ClaimGame.as_view(), name="claim"),
    path("games/<str:game_id>/decline/", DeclineGame.as_view(), name="decline"),
    path("games/<str:game_id>/cancel/", CancelGame.as_view(), name="cancel"),
    path("games/<str:game_id>/moves/", Moves.as_view(), name="moves"),
    path("games/<str:game_id>/export/", Export.as_view(), name="export"),
    path("games/<str:game_id>/review/", GameReview.as_view(), name="review"),
    path("games/<str:game_id>/review/position/", GamePosition.as_view(), name="review_position"),
    path("leaderboard/<str:speed>/", Leaderboard.as_view(), name="leaderboard"),
    path("schema/", pages.Schema.as_view(), name="schema"),
    path("docs/", pages.docs, name="docs"),
    # Everything else below /api/: refused in the API's shape, a missing slash at the end too.
    re_path(r"", pages.Nothing.as_view()),
]
