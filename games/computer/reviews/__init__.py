"""Reviews of games: queued at the end of a game or on request, done by workers, stored, shown."""
