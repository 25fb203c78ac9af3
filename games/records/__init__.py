"""A game as text and as a file, and what must hold for every stored game."""
