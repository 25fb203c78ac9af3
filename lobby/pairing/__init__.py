"""How two people come to a game: making one, and inviting."""
