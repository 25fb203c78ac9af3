"""``manage.py forget_guests``: deletes and renames guests who are due, now; servers do so by themselves."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from lobby.accounts import forgetting, guests

AT_ONCE = 100
"""Guests that are looked for at a time."""


class Command(BaseCommand):
    """Deals with each guest once, however many of these commands and servers run at the same time."""

    help = (
        f"Deletes guests who have not moved within {guests.UNUSED_FOR.days} day and takes the names of others "
        f"{forgetting.FORGOTTEN_AFTER.days} days after their last game. Servers do so by themselves."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Deal with all who are due; who still plays is put off."""
        now, count = timezone.now(), 0
        while some := forgetting.pending(now, AT_ONCE):
            for work in some:
                with transaction.atomic():
                    forgetting.deal_with(int(work), now)
            count += len(some)
        self.stdout.write(f"{count} guests looked at.")
