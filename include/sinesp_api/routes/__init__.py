"""The routes, a file per topic; each is one call."""
