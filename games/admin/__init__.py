"""The admin of games, moves and players: for looking, with the few things that a moderator may do."""

from django.contrib import admin
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from games.admin.chat import ChatterAdmin, LineAdmin
from games.admin.games import GameAdmin
from games.admin.honesty import ConductAdmin
from games.admin.moves import MoveAdmin
from games.admin.players import PlayerAdmin
from games.chat.models import Chatter, Line
from games.honesty.models import Conduct
from games.models import Game, Move, Player

admin.site.site_header = "Fourline"
admin.site.site_title = "Fourline admin"
admin.site.index_title = "What runs now"
admin.site.enable_nav_sidebar = False  # five lists; the wide ones need the room

admin.site.register(Game, GameAdmin)
admin.site.register(Move, MoveAdmin)
admin.site.register(Player, PlayerAdmin)
admin.site.register(Line, LineAdmin)
admin.site.register(Chatter, ChatterAdmin)
admin.site.register(Conduct, ConductAdmin)

# Their pages show tokens in full: with one, a moderator could act as its owner.
for tokens in (BlacklistedToken, OutstandingToken):
    if admin.site.is_registered(tokens):
        admin.site.unregister(tokens)
