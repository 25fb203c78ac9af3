"""What a player has played."""
