"""Values of ours in fields and queries."""

from enum import StrEnum

from django.db.models.expressions import RawSQL


def choices_of(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """The members of an enumeration as the choices of a field."""
    return [(member.value, member.value.replace("_", " ").replace("-", " ")) for member in kind]


SEATS = [(1, "participant 1"), (2, "participant 2")]
"""Seats as the choices of a field."""


def written(value: StrEnum) -> RawSQL:
    """A value as part of the SQL and no parameter: a database takes a partial index only where it knows the value.

    Args:
        value: one of ours, never what somebody typed.
    """
    return RawSQL(f"'{value.value}'", ())  # noqa: S611  a member of an enumeration of ours
