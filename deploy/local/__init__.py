"""PostgreSQL, Valkey, nginx and the application's processes on this machine, for ``make cluster`` and the tests.

Servers come from pip's wheels or from Debian's packages, whichever are there. Each listens on loopback alone and keeps
all that it has in a folder of its own.
"""
