"""How the eight levels play, and how far apart they are."""
