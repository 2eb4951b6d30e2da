"""Names, units and meanings of what is exported."""
