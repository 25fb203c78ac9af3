"""How many accounts may be made from one address."""

from django.conf import settings
from django.http import HttpRequest

from games.access import addresses
from games.access.quotas import Quota, quotas


def count(request: HttpRequest) -> None:
    """Count a sign-up that is about to be stored.

    Raises:
        OverLimit: there were too many from this address within the hour; a middleware turns it into a page.
    """
    quota = Quota("sign-ups", settings.SIGN_UPS_PER_ADDRESS_PER_HOUR, 3600.0)
    explanation = "Many accounts were made from your address within the hour."
    quotas.count(quota, f"address {addresses.of_request(request)}", explanation)
