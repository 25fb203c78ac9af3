"""What one event loop has (`Runtime.here`), and the way in for code without a loop (`call`, `alone`)."""

from games.runtime.calls import alone, call
from games.runtime.runtime import Runtime

__all__ = ["Runtime", "alone", "call"]
