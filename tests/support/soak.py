"""How much of a count a run does: all of it in `make soak`, a part in `make test`."""

import os

IS_WHOLE = os.environ.get("FOURLINE_SOAK") == "1"

RACES = int(os.environ.get("FOURLINE_RACES") or (1000 if IS_WHOLE else 100))
"""How often two commands race, in each test of that; 10,000 take minutes."""
