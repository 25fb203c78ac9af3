"""The live games of a process, and the one way of changing a game."""
