"""The list of games in an open lobby: read from the store, and kept up to date."""
