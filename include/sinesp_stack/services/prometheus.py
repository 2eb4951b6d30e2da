"""Prometheus: reads the figures of the API every few seconds and judges them by the rules in ops/prometheus."""

from typing import Final

import httpx

from sinesp_stack.environment import base_environment
from sinesp_stack.errors import NotReadyError
from sinesp_stack.maven import JarSet
from sinesp_stack.ports import PortClaim, claim
from sinesp_stack.prerequisites import find_optional
from sinesp_stack.processes import Command
from sinesp_stack.service import Site
from sinesp_stack.settings import HOST, REPOSITORY

_PROGRAM: Final = "prometheus"
SHIPPED: Final = REPOSITORY / "ops" / "prometheus"
SHIPPED_TARGET: Final = "api:8001"
"""Where docker-compose has the API's figures; replaced by this stack's address."""


class PrometheusService:
    """One server on the loopback, its storage under the stack's home."""

    name = "prometheus"
    optional_program = _PROGRAM
    process_names = ("prometheus",)
    jar_sets: tuple[JarSet, ...] = ()

    def __init__(self, site: Site) -> None:
        self._site = site
        self._settings = site.settings

    def claims(self) -> tuple[PortClaim, ...]:
        """The port of its pages."""
        return (claim("Prometheus", "prometheus_port", self._settings.prometheus_port),)

    def prepare(self) -> None:
        """Write the shipped configuration with this stack's addresses."""
        (self._site.folder("prometheus") / "prometheus.yml").write_text(self.configuration())

    def configuration(self) -> str:
        """The shipped one; rules are read where they are, so that an edit counts after a restart."""
        shipped = (SHIPPED / "prometheus.yml").read_text(encoding="utf-8")
        local = shipped.replace("rules/*.yml", f"{SHIPPED}/rules/*.yml")
        return local.replace(SHIPPED_TARGET, self._settings.metrics_address)

    def commands(self) -> tuple[Command, ...]:
        """The server."""
        folder = self._site.folder("prometheus")
        argv = (
            str(find_optional(_PROGRAM)),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--storage.tsdb.retention.time={self._settings.prometheus_days}d",
            f"--web.listen-address={HOST}:{self._settings.prometheus_port}",
            f"--web.external-url={self._settings.prometheus_url}/",
            "--log.level=warn",
        )
        return (Command("prometheus", argv, base_environment(), folder),)

    def check(self) -> None:
        """Ask whether it is ready."""
        try:
            httpx.get(f"{self._settings.prometheus_url}/-/ready", timeout=5, trust_env=False).raise_for_status()
        except httpx.HTTPError as error:
            raise NotReadyError(str(error)) from error
