"""An object store with S3's interface, in memory: moto's server, a development dependency."""

import sys

import httpx

from sinesp_stack.environment import base_environment
from sinesp_stack.errors import NotReadyError
from sinesp_stack.maven import JarSet
from sinesp_stack.ports import PortClaim, claim
from sinesp_stack.processes import Command
from sinesp_stack.service import Site
from sinesp_stack.settings import HOST

BUCKET = "sinesp"


class ObjectStoreService:
    """The store. What it holds ends with its process."""

    name = "s3"
    optional_program = ""
    process_names = ("s3",)
    jar_sets: tuple[JarSet, ...] = ()

    def __init__(self, site: Site, port: int) -> None:
        self._site = site
        self._port = port

    def claims(self) -> tuple[PortClaim, ...]:
        """Its port."""
        return (claim("S3", "s3_port", self._port),)

    def prepare(self) -> None:
        """Nothing: all of it is in memory."""

    def commands(self) -> tuple[Command, ...]:
        """The server."""
        argv = (sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(self._port))
        return (Command(self.name, argv, base_environment(), self._site.folder(self.name)),)

    def check(self) -> None:
        """Make the bucket, which is harmless when it is there."""
        try:
            httpx.put(f"http://{HOST}:{self._port}/{BUCKET}", timeout=5, trust_env=False).raise_for_status()
        except httpx.HTTPError as error:
            raise NotReadyError(str(error)) from error
