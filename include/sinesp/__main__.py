"""`python -m sinesp`: the command line where no script is installed."""

from sinesp.cli import app

app()
