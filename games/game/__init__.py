"""One live game: what can be asked of it and what may change it. No I/O, no clock."""
