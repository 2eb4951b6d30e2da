"""Batches, steps, counts, reasons: standard library only."""
