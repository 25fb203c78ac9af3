"""Backups of the database, and copies of it: written while servers run, checked by restoring them."""


class CannotCopy(Exception):
    """A backup or a copy can't be made, or isn't whole; the text is the one line to show."""
