"""Chat: lines that people say beside a game, in a table of their own and never in the way of moves."""
