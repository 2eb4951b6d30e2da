"""Spark: one Connect server, so that every batch finds a warm JVM and warm Python workers."""

import socket
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sinesp_stack.environment import base_environment
from sinesp_stack.errors import NotReadyError, StackError
from sinesp_stack.maven import SPARK_JARS
from sinesp_stack.ports import PortClaim, claim
from sinesp_stack.prerequisites import find_java
from sinesp_stack.processes import Command
from sinesp_stack.service import Site
from sinesp_stack.settings import HOST

_LOG4J: Final = """\
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex
rootLogger.level = warn
rootLogger.appenderRef.stdout.ref = console
"""
_WARM_UP_SECONDS: Final = 60


class SparkService:
    """The Connect server."""

    name = "spark"
    optional_program = ""
    process_names = ("spark",)
    jar_sets = (SPARK_JARS,)

    def __init__(self, site: Site, python: Path | None = None, properties: Mapping[str, str] | None = None) -> None:
        """`python` runs in the executors (this one if not given); `properties` are added to the server's."""
        self._site = site
        self._settings = site.settings
        # Otherwise the workers are whatever `python3` is first in the PATH, without our libraries.
        self._python = python or Path(sys.executable)
        self._properties = dict(properties or {})

    def claims(self) -> tuple[PortClaim, ...]:
        """The gRPC port; the driver's own ports are chosen by the system."""
        return (claim("Spark Connect", "spark_connect_port", self._settings.spark_connect_port),)

    def prepare(self) -> None:
        """Write the logging configuration."""
        write_logging(self._site, self.name)
        self._site.folder("state")

    def commands(self) -> tuple[Command, ...]:
        """spark-submit, which becomes the server's JVM."""
        folder = self._site.folder("spark")
        home = spark_home()
        jars = sorted((self._settings.jars / SPARK_JARS.name).glob("*.jar"))
        configuration = [f"--conf={name}={value}" for name, value in self.configuration(folder).items()]
        argv = (
            str(home / "bin" / "spark-submit"),
            f"--master={self._settings.spark_master}",
            f"--driver-memory={self._settings.spark_memory_mb}m",
            "--class=org.apache.spark.sql.connect.service.SparkConnectServer",
            f"--jars={','.join(map(str, jars))}",
            *configuration,
            "spark-internal",
        )
        environment = spark_environment(self._site, self.name, HOST) | {"PYSPARK_PYTHON": str(self._python)}
        return (Command("spark", argv, environment, folder),)

    def configuration(self, folder: Path) -> dict[str, str]:
        """Spark properties of the server."""
        return {
            "spark.connect.grpc.binding.address": HOST,
            "spark.connect.grpc.binding.port": str(self._settings.spark_connect_port),
            "spark.driver.bindAddress": HOST,
            "spark.driver.host": HOST,
            "spark.ui.enabled": "false",
            # All tasks share one session, and a quiet hour is no reason to start its Python workers anew.
            "spark.connect.session.manager.defaultSessionTimeout": "30d",
            "spark.sql.shuffle.partitions": "4",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.warehouse.dir": (folder / "warehouse").as_uri(),
            "spark.sql.execution.arrow.maxRecordsPerBatch": "10000",
            "spark.python.worker.reuse": "true",
            "spark.python.worker.faulthandler.enabled": "false",
            "spark.sql.execution.pyspark.udf.faulthandler.enabled": "false",
            **self._properties,
        }

    def check(self) -> None:
        """Run a small job through a Python worker: the first one after a start costs seconds, so it is paid here."""
        try:
            socket.create_connection((HOST, self._settings.spark_connect_port), timeout=1).close()
        except OSError as error:
            raise NotReadyError(str(error)) from error
        # In a process of its own: pyspark's Connect client leaves marks in the environment of whoever uses it.
        command = [sys.executable, "-m", "sinesp_stack.services.spark.warmup", self._settings.spark_remote]
        try:
            subprocess.run(
                command, env=base_environment(), capture_output=True, text=True, check=True, timeout=_WARM_UP_SECONDS
            )
        except subprocess.CalledProcessError as error:
            raise NotReadyError(error.stderr[-1500:]) from error
        except subprocess.TimeoutExpired as error:
            raise NotReadyError(f"sem resposta em {_WARM_UP_SECONDS} s") from error


def write_logging(site: Site, name: str) -> None:
    """Write a process's logging configuration; its folder also keeps a user's spark-defaults.conf out."""
    (site.folder(name, "conf") / "log4j2.properties").write_text(_LOG4J)


def spark_environment(site: Site, name: str, host: str) -> dict[str, str]:
    """What a process of Spark's finds itself and its folders by."""
    return base_environment() | {
        "SPARK_HOME": str(spark_home()),
        "SPARK_CONF_DIR": str(site.folder(name, "conf")),
        "SPARK_LOCAL_IP": host,
        "SPARK_LOCAL_DIRS": str(site.folder(name, "local")),
        "JAVA_HOME": str(find_java().resolve().parents[1]),
    }


def spark_home() -> Path:
    """Folder of pip's Spark.

    Raises:
        StackError: this Python has none.
    """
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise StackError("Falta o pyspark neste ambiente Python. Execute: make setup")
    return Path(spec.origin).parent
