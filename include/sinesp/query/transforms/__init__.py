"""Rows in, rows out: states of the past, sums over months, rates."""
