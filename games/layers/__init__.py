"""Channel layers of our own, the names of groups, and the one way of announcing."""
