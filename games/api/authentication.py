"""Who calls the API: by a token, as on the WebSocket, or by the site's session with Django's CSRF rules."""

from typing import Any

from games.access.families import FamilyAuthentication


class Bearer(FamilyAuthentication):
    """``Authorization: Bearer TOKEN``, the word in any case, as RFC 9110 has it.

    A token that is bad or expired is refused, even beside a good session.
    """

    def get_header(self, request: Any) -> Any:
        """The header, its scheme spelt as the parent compares it."""
        header = super().get_header(request)
        if header is not None and header[:7].lower() == b"bearer ":
            return b"Bearer " + header[7:]
        return header
