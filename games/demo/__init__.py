"""People and games to look at, for whoever tries Fourline out: `manage.py demo`."""
