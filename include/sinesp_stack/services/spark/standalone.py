"""Spark's own cluster manager: a master, and the workers that start the executors."""

import socket
from pathlib import Path

import httpx

from sinesp_stack.environment import REPOSITORY_PATH, object_store_login
from sinesp_stack.errors import NotReadyError
from sinesp_stack.maven import JarSet
from sinesp_stack.ports import PortClaim, claim
from sinesp_stack.processes import Command
from sinesp_stack.service import Member, Site
from sinesp_stack.services.spark.service import spark_environment, spark_home, write_logging
from sinesp_stack.settings import HOST


class SparkMasterService:
    """The master, on the first machine."""

    name = "spark-master"
    optional_program = ""
    process_names = ("spark-master",)
    jar_sets: tuple[JarSet, ...] = ()

    def __init__(self, site: Site, port: int, web_port: int) -> None:
        self._site = site
        self._port = port
        self._web_port = web_port

    def claims(self) -> tuple[PortClaim, ...]:
        """Where drivers and workers call, and the page."""
        return (
            claim("Spark, master", "spark_master_port", self._port),
            claim("Spark, página do master", "spark_master_web_port", self._web_port),
        )

    def prepare(self) -> None:
        """Write the logging configuration."""
        write_logging(self._site, self.name)

    def commands(self) -> tuple[Command, ...]:
        """The master's JVM."""
        arguments = ("--host", HOST, "--port", str(self._port), "--webui-port", str(self._web_port))
        environment = spark_environment(self._site, self.name, HOST) | {
            "SPARK_DAEMON_MEMORY": "256m",
            # On a fixed port; nobody submits that way.
            "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
        }
        argv = (str(spark_home() / "bin" / "spark-class"), "org.apache.spark.deploy.master.Master", *arguments)
        return (Command(self.name, argv, environment, self._site.folder(self.name)),)

    def check(self) -> None:
        """Ask its page."""
        try:
            httpx.get(f"http://{HOST}:{self._web_port}/json/", timeout=3, trust_env=False).raise_for_status()
        except httpx.HTTPError as error:
            raise NotReadyError(str(error)) from error


class SparkWorkerService:
    """A worker. Its executors run `python`; only this checkout's own finds the library where it lies here."""

    optional_program = ""
    jar_sets: tuple[JarSet, ...] = ()

    def __init__(self, site: Site, member: Member, master: str, web_port: int, python: Path | None = None) -> None:
        self._site = site
        self._member = member
        self._master = master
        self._web_port = web_port
        self._python = python
        self.name = member.named("spark-worker")
        self.process_names: tuple[str, ...] = (self.name,)

    def claims(self) -> tuple[PortClaim, ...]:
        """The page; the worker's own port is chosen by the system."""
        return (claim("Spark, página do worker", "spark_worker_web_port", self._web_port, self._member.host),)

    def prepare(self) -> None:
        """Write the logging configuration."""
        write_logging(self._site, self.name)

    def commands(self) -> tuple[Command, ...]:
        """The worker's JVM, which starts those of the executors."""
        folder = self._site.folder(self.name)
        arguments = (
            "--host", self._member.host, "--webui-port", str(self._web_port), "--cores", "2", "--memory", "2g",
            "--work-dir", str(folder / "work"), self._master,
        )  # fmt: skip
        argv = (str(spark_home() / "bin" / "spark-class"), "org.apache.spark.deploy.worker.Worker", *arguments)
        return (Command(self.name, argv, self._environment(), folder),)

    def check(self) -> None:
        """The page listens; whether work is done here, the Connect server's check shows."""
        try:
            socket.create_connection((self._member.host, self._web_port), timeout=1).close()
        except OSError as error:
            raise NotReadyError(str(error)) from error

    def _environment(self) -> dict[str, str]:
        environment = spark_environment(self._site, self.name, self._member.host)
        environment |= {"SPARK_DAEMON_MEMORY": "256m", **object_store_login()}
        if self._python is not None:
            environment.pop(REPOSITORY_PATH)
        return environment
