"""A hasher for servers of tests that are not about hashing."""

from lobby.accounts.hashing import PatientHasher


class QuickHasher(PatientHasher):
    """The site's own, with next to no work."""

    iterations = 100
