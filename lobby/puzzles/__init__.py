"""Puzzles of the day: positions from games that were played here, in which exactly one move keeps the result."""
