"""Names that nobody may take, because they say what somebody is: a guest, or the server that plays."""

GUEST_PREFIX = "guest-"
"""What the names of people without an account begin with."""
COMPUTER_NAMES = ("Novice", "Learner", "Casual", "Regular", "Strong", "Expert", "Master", "Perfect")
"""What the server is called at its levels, the first at level 1."""


def is_reserved(name: str) -> bool:
    """Whether a new account can't have a name, in whatever case it is typed; who has it already keeps it.

    >>> is_reserved("Guest-A9F3QX"), is_reserved("guesty"), is_reserved("alice")
    (True, False, False)
    """
    lower = name.lower()
    return lower.startswith(GUEST_PREFIX) or lower in {computer.lower() for computer in COMPUTER_NAMES}
