"""Answers as bytes: JSON, two dialects of CSV, Parquet and Arrow, all of the same rows."""
