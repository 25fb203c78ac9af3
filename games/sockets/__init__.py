"""The base of both consumers."""
