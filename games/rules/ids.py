"""Game IDs: six to eight characters of Crockford's base 32, unguessable, forgiving in how people type them.

The alphabet and what is read for what: Douglas Crockford, https://www.crockford.com/base32.html
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, LONGEST = 6, 8
"""Characters of an ID: of the first games, and of any."""
IN_USE = 100
"""New games get longer IDs once one in so many of a length may be in use: a guess hits that seldom."""

_READ_AS = str.maketrans("OIL", "011", " -")


_length = LENGTH


def use_length(length: int) -> None:
    """From now on new games of this process have IDs of so many characters.

    Args:
        length: from `LENGTH` to `LONGEST`.
    """
    global _length
    _length = length


def length_for(games: int, least: int = LENGTH) -> int:
    """How long the IDs of new games are where there are so many games.

    Args:
        games: that are stored, of whatever length.
        least: the shortest wanted.

    >>> [length_for(games) for games in (0, 10_737_418, 10_737_419, 343_597_384, 10**12)]
    [6, 6, 7, 8, 8]
    """
    fitting = (n for n in range(least, LONGEST) if games * IN_USE < len(ALPHABET) ** n)
    return next(fitting, LONGEST)


def new_game_id() -> str:
    """A fresh ID from the system's secure source: 5 random bits a character."""
    return "".join(secrets.choice(ALPHABET) for _ in range(_length))


def normalise(text: str) -> str | None:
    """The canonical form of what a person typed.

    Args:
        text: an ID in any case, with spaces or hyphens, with O for 0 and I or L for 1.

    Returns:
        The canonical characters, or None when it can't be a game ID.

    >>> normalise("a9f-3qx"), normalise("oil oil"), normalise("A9F3QU"), normalise("a9f3 qxk7")
    ('A9F3QX', '011011', None, 'A9F3QXK7')
    """
    if len(text) > 64 or not text.isascii():
        return None
    game_id = text.upper().translate(_READ_AS)
    return game_id if LENGTH <= len(game_id) <= LONGEST and all(c in ALPHABET for c in game_id) else None


class GameIdConverter:
    """``<game_id:...>`` in an address: takes any form of an ID and gives the canonical one.

    Views compare it with the address by which they were reached and redirect where that is not canonical.
    """

    # Significant characters, with as many spaces and hyphens between them as anybody would type.
    regex = rf"[ -]*(?:[0-9A-Za-z][ -]*){{{LENGTH},{LONGEST}}}"

    def to_python(self, value: str) -> str:
        """The canonical ID; ValueError, which Django reads as "no such page", when it is none."""
        game_id = normalise(value)
        if game_id is None:
            raise ValueError("not a game ID")
        return game_id

    def to_url(self, value: str) -> str:
        """The ID as it stands in an address."""
        return value
