"""Tokens of the API."""

from django.conf import settings
from django.db import models


class TokenFamily(models.Model):
    """All tokens that come of one sign-in to the API (`games.access.families`). Forgotten when all have expired."""

    id = models.CharField(primary_key=True, max_length=32, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="token_families")
    # With the newest refresh token, once that has expired, `flushexpiredtokens` deletes its family too.
    newest = models.OneToOneField("token_blacklist.OutstandingToken", models.CASCADE, related_name="family")
    end_time = models.DateTimeField(null=True, blank=True, help_text="When it was revoked.")

    class Meta:
        verbose_name_plural = "token families"

    def __str__(self) -> str:
        return self.id
