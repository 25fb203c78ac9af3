"""Addresses of the lobby's pages."""

from django.contrib.auth import views as auth_views
from django.urls import path

from lobby import accounts, email_pages, history, invites, password_resets, sign_out_everywhere, views

urlpatterns = [
    path("", views.home, name="home"),
    path("games/new/", views.create_game, name="create_game"),
    path("games/find/", views.find_game, name="find_game"),
    path("games/<game_id:game_id>/cancel/", views.cancel_game, name="cancel_game"),
    path("join/<game_id:game_id>/", invites.join, name="join"),
    path("history/", history.history, name="history"),
    path("accounts/", accounts.account, name="account"),
    path("accounts/signup/", accounts.SignUp.as_view(), name="signup"),
    path("accounts/login/", accounts.SignIn.as_view(), name="login"),
    path("accounts/logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("accounts/logout/everywhere/", sign_out_everywhere.page, name="sign_out_everywhere"),
    path("accounts/password/", accounts.ChangePassword.as_view(), name="password_change"),
    path("accounts/email/", email_pages.change, name="email_change"),
    path("accounts/email/send/", email_pages.send_again, name="email_send_again"),
    path("accounts/email/<uidb64>/<token>/", email_pages.verify, name="email_verify"),
    path("accounts/reset/", password_resets.AskForReset.as_view(), name="password_reset"),
    path("accounts/reset/sent/", auth_views.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path(
        "accounts/reset/<uidb64>/<token>/",
        password_resets.FinishReset.as_view(),
        name="password_reset_confirm",
    ),
]
