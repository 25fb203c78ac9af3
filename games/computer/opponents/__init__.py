"""The computer as a participant: its accounts, what it does in a game, and that it is never forgotten."""
