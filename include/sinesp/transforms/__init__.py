"""Pure functions over Arrow tables and Polars frames; no I/O, no session, no path."""
