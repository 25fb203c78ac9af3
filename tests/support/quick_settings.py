"""The settings of the site, but for what a password costs to hash; see `tests.support.servers.QUICK_HASHES`."""

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["tests.support.quick_hashing.QuickHasher"]
