"""``manage.py forget_chat``: forgets lines of chat that are due, now; servers do so by themselves."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from games.chat import forgetting

AT_ONCE = 100
"""Rooms that are looked for at a time."""


class Command(BaseCommand):
    """Deals with each line once, however many of these commands and servers run at the same time."""

    help = (
        "Forgets lines of chat after CHAT_DAYS days, unless there is a report about their series. Servers do so by "
        "themselves."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Deal with all lines that are due."""
        now, count = timezone.now(), 0
        while rooms := forgetting.pending(now, AT_ONCE):
            for room_id in rooms:
                with transaction.atomic():
                    count += forgetting.deal_with(int(room_id), now)
        self.stdout.write(f"{count} lines forgotten that were older than {settings.CHAT_DAYS} days.")
