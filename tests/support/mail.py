"""Letters as a test sees them: in Django's outbox, once the background has sent them."""

import re

from django.core import mail
from django.core.mail import EmailMessage

from lobby.accounts.letters import post_office

SITE = "https://fourline.example"


def letters() -> list[EmailMessage]:
    """All that were sent."""
    assert post_office.finish(10)
    return list(mail.outbox)


def last_path() -> str:
    """Where the link of the last letter leads, on our site."""
    link = re.search(rf"^{SITE}(/accounts/\S+)$", str(letters()[-1].body), re.MULTILINE)
    assert link is not None, letters()[-1].body
    return link[1]
