#!/usr/bin/env python3
"""Django's command line for Fourline."""

import os
import sys

from config.private_files import make_privately


def main() -> int:
    """Run one management command.

    Returns:
        The exit status; 1, with one line that says why, where the settings are wrong or the database cannot be used.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    make_privately()
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        print(f"fourline: {error}", file=sys.stderr)
        return 1
    except OperationalError as error:
        print(f"fourline: the database cannot be used: {str(error).strip().splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
