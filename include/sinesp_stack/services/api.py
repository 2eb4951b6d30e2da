"""The API over the views: a process of the library's, as anybody starts it."""

import sys
from typing import Final

import httpx

from sinesp_stack.environment import base_environment, client_environment
from sinesp_stack.errors import NotReadyError
from sinesp_stack.maven import JarSet
from sinesp_stack.ports import PortClaim, claim
from sinesp_stack.prerequisites import find_optional
from sinesp_stack.processes import Command
from sinesp_stack.service import Site
from sinesp_stack.settings import HOST

_REDIS: Final = "redis-server"


class ApiService:
    """One process on the loopback; with Redis as its cache where the machine has it."""

    name = "api"
    optional_program = ""
    process_names = ("api",)
    jar_sets: tuple[JarSet, ...] = ()

    def __init__(self, site: Site) -> None:
        self._site = site
        self._settings = site.settings

    def claims(self) -> tuple[PortClaim, ...]:
        """The public port, and the one Prometheus reads."""
        settings = self._settings
        return (
            claim("API", "api_port", settings.api_port),
            claim("API, métricas", "metrics_port", settings.metrics_port),
        )

    def prepare(self) -> None:
        """Nothing: everything is in its environment."""

    def environment(self) -> dict[str, str]:
        """What the API reads at its start (see `sinesp.settings`)."""
        settings = self._settings
        redis = {"SINESP_REDIS_URL": settings.redis_url} if find_optional(_REDIS) else {}
        ports = {"SINESP_API_PORT": str(settings.api_port), "SINESP_API_METRICS_PORT": str(settings.metrics_port)}
        place = {"SINESP_API_HOST": HOST, "SINESP_API_METRICS_HOST": HOST}
        return base_environment() | client_environment(settings, self._site.credentials) | place | ports | redis

    def commands(self) -> tuple[Command, ...]:
        """The server."""
        argv = (sys.executable, "-m", "sinesp.cli", "api", "serve")
        return (Command("api", argv, self.environment(), self._site.folder("api")),)

    def check(self) -> None:
        """Ask whether it lives: it is ready only when a version of the views is announced, which may be later."""
        try:
            httpx.get(f"{self._settings.api_url}/api/v1/saude", timeout=5, trust_env=False).raise_for_status()
        except httpx.HTTPError as error:
            raise NotReadyError(str(error)) from error
