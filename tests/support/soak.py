"""How much of a count a run does: all of it in `make soak`, a part in `make test`."""

import os

IS_WHOLE = os.environ.get("FOURLINE_SOAK") == "1"
