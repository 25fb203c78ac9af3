"""The tests. A package, so that no other package of this name that a library brings is taken for it."""
