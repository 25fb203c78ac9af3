"""A hasher for servers of tests that are not about hashing."""

from lobby.hashing import PatientHasher


class QuickHasher(PatientHasher):
    """The site's own, with next to no work."""

    iterations = 100
