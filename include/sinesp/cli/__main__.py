"""`python -m sinesp.cli`: the command line without its script."""

from sinesp.cli import app

app()
