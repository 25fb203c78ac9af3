"""How strong people are, by speed: Glicko-2 after each rated game."""
