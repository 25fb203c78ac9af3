"""Addresses of the lobby's pages."""

from django.contrib.auth import views as auth_views
from django.urls import path, register_converter

from lobby import views
from lobby.accounts import api as accounts_api
from lobby.accounts.views import account, become_bot, email, password_reset, sign_out_everywhere
from lobby.pairing import challengers, computer, invites
from lobby.profile import api as profile_api
from lobby.profile import chat_choices, history, leaderboard
from lobby.profile import pages as profile_pages
from lobby.puzzles import views as puzzles
from lobby.puzzles.days import DayConverter

register_converter(DayConverter, "day")

urlpatterns = [
    path("", views.home, name="home"),
    path("games/new/", views.create_game, name="create_game"),
    path("games/find/", views.find_game, name="find_game"),
    path("games/<game_id:game_id>/cancel/", views.cancel_game, name="cancel_game"),
    path("join/<game_id:game_id>/", invites.join, name="join"),
    path("@/<slug:name>/", profile_pages.profile, name="profile"),
    path("@/<slug:name>/block/", profile_pages.block, name="block"),
    path("@/<slug:name>/unblock/", profile_pages.unblock, name="unblock"),
    path("@/<slug:name>/report/", profile_pages.report, name="report"),
    path("@/<slug:name>/hide/", profile_pages.hide, name="hide"),
    path("@/<slug:name>/unhide/", profile_pages.unhide, name="unhide"),
    path("accounts/chat/", chat_choices.switch, name="switch_chat"),
    path("accounts/blocked/", profile_pages.blocked, name="blocked"),
    path("api/players/<str:name>/", profile_api.OnePlayer.as_view(), name="api_player"),
    path("api/bot/", accounts_api.Bot.as_view(), name="api_bot"),
    path("api/guest/", accounts_api.Guests.as_view(), name="api_guest"),
    path("computer/", computer.play_computer, name="play_computer"),
    path("history/", history.history, name="history"),
    path("leaderboard/", leaderboard.leaderboard, name="leaderboard"),
    path("leaderboard/<str:speed>/", leaderboard.leaderboard, name="leaderboard"),
    path("puzzles/", puzzles.today, name="puzzles"),
    path("puzzles/<day:day>/<int:number>/", puzzles.puzzle, name="puzzle"),
    path("puzzles/<day:day>/<int:number>/answer/", puzzles.answer, name="puzzle_answer"),
    path("accounts/", account.account, name="account"),
    path("accounts/signup/", account.SignUp.as_view(), name="signup"),
    path("accounts/login/", account.SignIn.as_view(), name="login"),
    path("accounts/guest/", account.play_as_guest, name="play_as_guest"),
    path("accounts/challenges/", challengers.choose, name="choose_challengers"),
    path("accounts/bot/", become_bot.page, name="become_bot"),
    path("accounts/logout/", account.SignOut.as_view(), name="logout"),
    path("accounts/logout/guest/", account.sign_out_guest, name="sign_out_guest"),
    path("accounts/logout/everywhere/", sign_out_everywhere.page, name="sign_out_everywhere"),
    path("accounts/password/", account.ChangePassword.as_view(), name="password_change"),
    path("accounts/email/", email.change, name="email_change"),
    path("accounts/email/send/", email.send_again, name="email_send_again"),
    path("accounts/email/<uidb64>/<token>/", email.verify, name="email_verify"),
    path("accounts/reset/", password_reset.AskForReset.as_view(), name="password_reset"),
    path("accounts/reset/sent/", auth_views.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path(
        "accounts/reset/<uidb64>/<token>/",
        password_reset.FinishReset.as_view(),
        name="password_reset_confirm",
    ),
]
