"""The site's settings, with one app more."""

from config.settings import *  # noqa: F403  they are the site's
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.cluster.later"]
