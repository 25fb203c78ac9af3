"""Addresses of the site."""

from django.contrib import admin
from django.urls import include, path, register_converter

from games.rules.ids import GameIdConverter

register_converter(GameIdConverter, "game_id")

urlpatterns = [
    path("", include("lobby.urls")),
    path("", include("games.urls")),
    path("api/", include("games.api.urls")),
    path("admin/", admin.site.urls),
]

handler404 = "config.error_pages.not_found"
handler500 = "config.error_pages.failed"
