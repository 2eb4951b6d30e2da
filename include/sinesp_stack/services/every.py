"""All services of a stack in the order in which they start, and those a machine may lack."""

from collections.abc import Iterable
from typing import Final

from sinesp_stack.errors import StackError
from sinesp_stack.prerequisites import find_optional, how_to_install
from sinesp_stack.service import Service, Site
from sinesp_stack.services.airflow.service import AirflowService
from sinesp_stack.services.api import ApiService
from sinesp_stack.services.cassandra.service import CassandraService
from sinesp_stack.services.kafka import KafkaService
from sinesp_stack.services.prometheus import PrometheusService
from sinesp_stack.services.redis import RedisService
from sinesp_stack.services.spark.service import SparkService

_KINDS: Final = (
    KafkaService,
    CassandraService,
    RedisService,
    SparkService,
    ApiService,
    PrometheusService,
    AirflowService,
)
SERVICES: Final = tuple(kind.name for kind in _KINDS)


def services_of(site: Site) -> dict[str, Service]:
    """The services of one stack by name."""
    services: tuple[Service, ...] = tuple(kind(site) for kind in _KINDS)
    return {service.name: service for service in services}


def not_installed() -> dict[str, str]:
    """Optional services this machine does not have, each with the line that installs it."""
    programs = {kind.name: kind.optional_program for kind in _KINDS if kind.optional_program}
    return {name: how_to_install(program) for name, program in programs.items() if find_optional(program) is None}


def check_installed(names: Iterable[str]) -> None:
    """Refuse services whose program is missing.

    Raises:
        StackError: one line per service, with what installs it.
    """
    absent = not_installed()
    lines = [f"Falta o programa de {name}. Instale: {absent[name]}" for name in names if name in absent]
    if lines:
        raise StackError("\n".join(lines))
