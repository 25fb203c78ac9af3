"""The settings of the site in processes whose clock a test moves: ``FOURLINE_CLOCK`` names a file with the seconds that
it is ahead."""

import os
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from tests.support.quick_settings import *  # noqa: F403  all of them

_now, _file = timezone.now, Path(os.environ["FOURLINE_CLOCK"])
timezone.now = lambda: _now() + timedelta(seconds=float(_file.read_text()))
