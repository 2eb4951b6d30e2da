"""Spark: one Connect server, warmed up before it counts as ready."""
