"""The API against what one would set up instead: Datasette over SQLite, and SQL over DuckDB in a FastAPI handler."""
