"""Passwords of one stack: generated on its first start, kept in a file only its owner reads."""

import json
import os
import secrets
from dataclasses import dataclass, field
from typing import Final

from sinesp_stack.settings import StackSettings

AIRFLOW_USER: Final = "admin"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who logs in where. `service_*` is used by Kafka and Cassandra when their authentication is on."""

    service_user: str
    service_password: str = field(repr=False)
    airflow_password: str = field(repr=False)


def load_credentials(settings: StackSettings) -> Credentials:
    """Read the stack's credentials, creating them the first time. Settings win over the file for the service's."""
    path = settings.home / "credentials.json"
    if not path.exists():
        settings.home.mkdir(parents=True, exist_ok=True)
        fresh = {"service_password": secrets.token_urlsafe(12), "airflow_password": secrets.token_urlsafe(9)}
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            json.dump(fresh, file)
    stored: dict[str, str] = json.loads(path.read_text())
    return Credentials(
        service_user=settings.service_user,
        service_password=settings.service_password.get_secret_value() or stored["service_password"],
        airflow_password=stored["airflow_password"],
    )
