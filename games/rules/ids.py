"""Game IDs: six characters of Crockford's base 32, unguessable, forgiving in how people type them.

The alphabet and what is read for what: Douglas Crockford, https://www.crockford.com/base32.html
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 6

_READ_AS = str.maketrans("OIL", "011", " -")


def new_game_id() -> str:
    """A fresh ID from the system's secure source: 30 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normalise(text: str) -> str | None:
    """The canonical form of what a person typed.

    Args:
        text: an ID in any case, with spaces or hyphens, with O for 0 and I or L for 1.

    Returns:
        The six canonical characters, or None when it can't be a game ID.

    >>> normalise("a9f-3qx"), normalise("oil oil"), normalise("A9F3QU")
    ('A9F3QX', '011011', None)
    """
    if len(text) > 64 or not text.isascii():
        return None
    game_id = text.upper().translate(_READ_AS)
    return game_id if len(game_id) == LENGTH and all(c in ALPHABET for c in game_id) else None


class GameIdConverter:
    """``<game_id:...>`` in an address: takes any form of an ID and gives the canonical one.

    Views compare it with the address by which they were reached and redirect where that is not canonical.
    """

    # Six significant characters, with as many spaces and hyphens between them as anybody would type.
    regex = r"[ -]*(?:[0-9A-Za-z][ -]*){6}"

    def to_python(self, value: str) -> str:
        """The canonical ID; ValueError, which Django reads as "no such page", when it is none."""
        game_id = normalise(value)
        if game_id is None:
            raise ValueError("not a game ID")
        return game_id

    def to_url(self, value: str) -> str:
        """The ID as it stands in an address."""
        return value
