"""A static file server: Starlette's, of the folder it is started in."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.staticfiles import StaticFiles

app = Starlette()
app.mount("/", StaticFiles(directory=Path.cwd()))
