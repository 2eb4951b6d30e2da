"""Parsing, judging and routing: pure functions over Arrow tables; no I/O, no session, no path."""
