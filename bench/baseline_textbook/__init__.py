"""A Connect Four server as Django's and Channels' own documentation would have one written, to compare with.

The stock consumer, the stock in-memory layer, one ORM transaction a move; SQLite with `synchronous=FULL`, so that it
keeps as much as ours does. It speaks Fourline's messages, so that the same client plays on it.
"""
