"""The race: every competitor on the same records and the same tables, one after the other."""
