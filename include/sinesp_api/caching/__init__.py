"""Answers kept: bytes by version, in this process and in Redis, one computation at a time for each."""
