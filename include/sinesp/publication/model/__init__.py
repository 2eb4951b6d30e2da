"""Sources, months and reports: standard library only."""
