"""`manage.py verify_games`, called."""

from io import StringIO

from django.core.management import call_command


def verify(*arguments: str) -> tuple[str, int]:
    """What the command prints, and its exit status."""
    out = StringIO()
    try:
        call_command("verify_games", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(str(end.code))
    return out.getvalue(), 0
