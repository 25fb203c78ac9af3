"""The app around the games: accounts, the list of games, invites, history."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class LobbyConfig(AppConfig):
    """Wires the checks of settings, and the lobby's news."""

    name = "lobby"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks, and what follows changes of games."""
        from games.chat import sources
        from games.presence import arrivals
        from games.registry import after, deserted
        from lobby.accounts.checks import check_letters
        from lobby.accounts.forgetting import ForgetGuests
        from lobby.live_list.announcing import LobbyNews
        from lobby.pairing import blocks, challenges
        from lobby.pairing.challenge_news import ChallengeNews
        from lobby.pairing.desk import note_arrival
        from lobby.profile.blocking import blocked_of, pairs_among
        from lobby.profile.reports import reported_series

        arrivals.register(note_arrival)
        blocks.provide(pairs_among)
        deserted.register(challenges.deserted)
        sources.provide_blocks(blocked_of)
        sources.provide_reports(reported_series)
        after.register(LobbyNews)
        after.register(ChallengeNews)
        after.register(lambda broadcast: ForgetGuests())
        register(check_letters, Tags.security, deploy=True)
