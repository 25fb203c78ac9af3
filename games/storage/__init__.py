"""The store: the journal writes, everything else here reads."""
