"""The computer: perfect play by a solver of our own, levels that people enjoy, and a verdict on every move."""
