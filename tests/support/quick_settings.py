"""The settings of the site, but for what takes long; see `tests.support.servers.QUICK`."""

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["tests.support.quick_hashing.QuickHasher"]
# Not those of the admin and of the API's pages, which take seconds to compress.
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
