"""Airflow: API server, scheduler and DAG processor as three processes.

Not `airflow standalone`: it opens its log servers on every interface and leaves its children behind on SIGTERM.
No triggerer: nothing here is deferrable.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import httpx

from sinesp_stack.credentials import AIRFLOW_USER
from sinesp_stack.environment import base_environment, client_environment, kafka_security
from sinesp_stack.errors import NotReadyError, StackError
from sinesp_stack.maven import JarSet
from sinesp_stack.ports import PortClaim, claim
from sinesp_stack.processes import Command, ProcessTable
from sinesp_stack.service import Site
from sinesp_stack.settings import HOST, REPOSITORY

KEYSPACE = "dados_seguranca_publica"
# What tasks hand on: Airflow reads back no other classes.
_TASK_RESULTS = ("airflow.*", "sinesp.domain.*", "sinesp.microbatch.model.*", "sinesp.publication.model.*")
_REQUIRED_PARTS = ("metadatabase", "scheduler", "dag_processor")


class AirflowService:
    """The three Airflow processes."""

    name = "airflow"
    optional_program = ""
    process_names = ("airflow-api", "airflow-scheduler", "airflow-dag-processor")
    jar_sets: tuple[JarSet, ...] = ()

    def __init__(self, site: Site) -> None:
        self._site = site
        self._settings = site.settings
        self._processes = ProcessTable(site.settings.home)

    def claims(self) -> tuple[PortClaim, ...]:
        """The UI's port."""
        return (claim("Airflow", "airflow_port", self._settings.airflow_port),)

    def prepare(self) -> None:
        """Migrate the metadata database and import the Connections: seconds each, so only when something changed."""
        home = self._site.folder("airflow")
        passwords = home / "passwords.json"
        passwords.touch(mode=0o600)
        passwords.write_text(json.dumps({AIRFLOW_USER: self._site.credentials.airflow_password}))
        if _changed(home / ".migrated", _installed_version()) or not (home / "airflow.db").exists():
            self._airflow("db", "migrate")
            (home / ".migrated").write_text(_installed_version())
        self._import_connections(home)

    def _import_connections(self, home: Path) -> None:
        """Put the Connections into the database, where the UI can edit them.

        Edits are kept: they are written again only when the stack's own addresses or passwords changed.
        """
        text = json.dumps(self.connections(), indent=1)
        fingerprint = hashlib.sha256(text.encode()).hexdigest()
        marker = home / ".connections"
        if not _changed(marker, fingerprint):
            return
        file = home / "connections.json"
        file.touch(mode=0o600)
        file.write_text(text)
        self._airflow("connections", "import", "--overwrite", str(file))
        marker.write_text(fingerprint)

    def connections(self) -> dict[str, dict[str, object]]:
        """`kafka_default` and `cassandra_default` of this stack."""
        kafka = {
            "bootstrap.servers": self._settings.kafka_broker,
            "group.id": "sinesp_microbatch",
            "enable.auto.commit": "false",
            **kafka_security(self._settings, self._site.credentials),
        }
        cassandra: dict[str, object] = {
            "conn_type": "cassandra",
            "host": HOST,
            "port": self._settings.cassandra_port,
            "schema": KEYSPACE,
            # What Cassandra 5 speaks; found by trial otherwise, with a warning per step in every task's log.
            "extra": {"protocol_version": 5},
        }
        if self._settings.cassandra_auth:
            cassandra |= {
                "login": self._site.credentials.service_user,
                "password": self._site.credentials.service_password,
            }
        return {"kafka_default": {"conn_type": "kafka", "extra": kafka}, "cassandra_default": cassandra}

    def environment(self) -> dict[str, str]:
        """Environment of every Airflow process, and of the tasks they fork."""
        home, url = self._settings.home / "airflow", self._settings.airflow_url
        configuration = {
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__PARALLELISM": "6",
            "CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
            "CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__ALLOWED_DESERIALIZATION_CLASSES": " ".join(_TASK_RESULTS),
            "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{AIRFLOW_USER}:admin",
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
            # Tasks would look for the API on port 8080 whatever [api] port says.
            "CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
            "API__BASE_URL": url,
            "API__HOST": HOST,
            "API__PORT": str(self._settings.airflow_port),
            "API__WORKERS": "1",
            # SQLite has one writer at a time; after its default of 5 s a busy machine answers "database is locked".
            "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}?timeout=60",
            # With the default of 1 s every dependency level of a DAG costs a second.
            "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
            # A supervisor that misses the end of its task notices it at the next heartbeat: 5 s later by default.
            "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
            "DAG_PROCESSOR__REFRESH_INTERVAL": "10",
            "USAGE_DATA_COLLECTION__ENABLED": "False",
        }
        return (
            base_environment()
            | client_environment(self._settings, self._site.credentials)
            | {"AIRFLOW_HOME": str(home)}
            | {f"AIRFLOW__{name}": value for name, value in configuration.items()}
        )

    def commands(self) -> tuple[Command, ...]:
        """API server first: the others need it to run tasks."""
        environment = self.environment()
        arguments = (("api-server",), ("scheduler", "--skip-serve-logs"), ("dag-processor",))
        return tuple(
            Command(name, (*_airflow_program(), *words), environment, REPOSITORY)
            for name, words in zip(self.process_names, arguments, strict=True)
        )

    def check(self) -> None:
        """Ask the API for the health of its parts."""
        try:
            answer = httpx.get(f"{self._settings.airflow_url}/api/v2/monitor/health", timeout=5, trust_env=False)
            parts = answer.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise NotReadyError(str(error)) from error
        sick = [name for name in _REQUIRED_PARTS if not self._is_healthy(name, parts.get(name, {}))]
        if sick:
            raise NotReadyError(f"ainda não saudável: {', '.join(sick)}")

    def _is_healthy(self, part: str, report: Mapping[str, str | None]) -> bool:
        """Healthy, and by a heartbeat of the present process: a killed one counts as healthy for another 30 s."""
        if report.get("status") != "healthy":
            return False
        heartbeat = report.get(f"latest_{part}_heartbeat")
        created = self._processes.created(f"airflow-{part.replace('_', '-')}")
        return created is None or heartbeat is None or datetime.fromisoformat(heartbeat).timestamp() > created

    def _airflow(self, *words: str) -> None:
        done = subprocess.run(
            [*_airflow_program(), *words],
            env=self.environment(),
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            msg = f"`airflow {' '.join(words[:2])}` falhou:\n{(done.stdout + done.stderr)[-2000:]}"
            raise StackError(msg)


def _airflow_program() -> tuple[str, ...]:
    return (sys.executable, "-m", "airflow")


def _installed_version() -> str:
    from importlib.metadata import version

    return version("apache-airflow-core")


def _changed(marker: Path, value: str) -> bool:
    return not marker.exists() or marker.read_text() != value
