"""E-mail addresses of accounts: who has one, who has proved it, and the letters about them.

An address is verified when somebody follows a link that was sent to it. Among the verified it is unique in any case of
its letters. Anybody may type any address: then it is one account's among others, until somebody proves that it is
theirs. No answer of the site tells whether another account has it.
"""

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator, default_token_generator
from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from games.access.quotas import Quota, quotas
from lobby.accounts import letters
from lobby.models import User


class VerificationTokens(PasswordResetTokenGenerator):
    """Signed, good for as long as a password's, and once: each is for an address that is not verified yet."""

    key_salt = "lobby.accounts.emails.VerificationTokens"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{user.pk}\n{user.email}\n{user.email_verified_at}\n{timestamp}"


verification_tokens = VerificationTokens()


def holder(email: str) -> User | None:
    """Whose password may be reset by a link to an address.

    Args:
        email: in any case.

    Returns:
        Who has verified it; else the one account that has it; None where there is none, or several and none verified.
    """
    having = list(User.objects.filter(Exact(Lower("email"), Lower(Value(email)))).exclude(email=""))
    found = next((user for user in having if user.email_verified_at), having[0] if len(having) == 1 else None)
    return found if found is not None and found.is_active and found.has_usable_password() else None


def verify(user: User) -> bool:
    """Somebody has followed a link that was sent to the account's address.

    Returns:
        Whether the address is verified now; not where another account has verified it, or this one has another by now.
    """
    if user.email_verified_at is not None:
        return True
    now = timezone.now()
    try:
        with transaction.atomic():
            same = User.objects.filter(pk=user.pk, email=user.email).exclude(email="")
            if not same.update(email_verified_at=now):
                return False
    except IntegrityError:
        return False
    user.email_verified_at = now
    return True


def count_letter(user: User) -> None:
    """Count a letter that somebody asks for to their own address.

    Raises:
        OverLimit: there were too many within the hour.
    """
    explanation = "Several letters were sent to your address within the hour."
    quotas.count(_per_hour("verifications"), f"user {user.pk}", explanation)


def ask_to_verify(user: User) -> None:
    """Send a link by which the account's address is verified, soon.

    Raises:
        Busy: too many letters wait.
    """
    letters.post_office.take(lambda: _send_verification(user))


def send_reset(email: str) -> None:
    """Send a link by which a password is reset, soon, if the address is good for one; nobody hears whether it is.

    Args:
        email: as typed.

    Raises:
        Busy: too many letters wait.
    """
    letters.post_office.take(lambda: _send_reset(email))


def tell_former(email: str, user: User) -> None:
    """Tell a verified address that the account has another now, soon."""
    name = user.get_username()
    letters.post_office.take(lambda: letters.send("email_changed.txt", email, name=name))


def _send_verification(user: User) -> None:
    # Many accounts may have been made with the address of somebody else.
    if quotas.take(_per_hour("letters"), f"to {user.email.lower()}"):
        return
    path = _path("email_verify", user, verification_tokens)
    letters.send("verify_email.txt", user.email, name=user.get_username(), link=letters.link(path))


def _send_reset(email: str) -> None:
    user = holder(email)
    if user is None or quotas.take(_per_hour("resets"), f"user {user.pk}"):
        return
    path = _path("password_reset_confirm", user, default_token_generator)
    # To the address as it is stored: what was typed may be another that a database takes for the same.
    letters.send("reset_password.txt", user.email, name=user.get_username(), link=letters.link(path))


def _path(view: str, user: User, tokens: PasswordResetTokenGenerator) -> str:
    return reverse(view, args=[urlsafe_base64_encode(force_bytes(user.pk)), tokens.make_token(user)])


def _per_hour(name: str) -> Quota:
    return Quota(name, settings.LETTERS_PER_ACCOUNT_PER_HOUR, 3600.0)
