"""Addresses of games."""

from django.urls import path

from games import views

urlpatterns = [
    path("games/<game_id:game_id>/", views.game, name="game"),
    path("games/<game_id:game_id>/export/", views.export, name="game_export"),
]
