"""Cassandra: one node, from the library jar alone."""
