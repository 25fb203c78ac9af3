"""Days in addresses."""

from datetime import date


class DayConverter:
    """``<day:name>`` in a path: 2026-11-21."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """The day.

        Raises:
            ValueError: the calendar has none such.
        """
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        """The day as it is written."""
        return value.isoformat()
