"""`docs/benchmark.md` from the results."""
