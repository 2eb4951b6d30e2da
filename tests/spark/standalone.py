"""The Spark services of docker-compose.yaml as processes here: their commands, their user's rights, their folders."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from sinesp_stack.prerequisites import find_java
from sinesp_stack.settings import REPOSITORY

SERVICES: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yaml").read_text(encoding="utf-8"))["services"]
NOBODY = 65534


class Containers:
    """Each started service is a process; names and ports of the compose network become free ports of the loopback."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._ports = {name: str(_free_port()) for name in ("7077", "15002", "master-web", "worker-web")}
        self.home = root / "site-packages" / "pyspark"
        _lay_out(root, self.home)

    @property
    def remote(self) -> str:
        """The Connect server's address."""
        return f"sc://127.0.0.1:{self._ports['15002']}"

    def start(self, name: str) -> None:
        """Run a service's command."""
        command = [self._here(word, name) for word in SERVICES[name]["command"]]
        environment = {k: self._here(v, name) for k, v in SERVICES[name].get("environment", {}).items()}
        with (self.root / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [*_as_nobody(), *command],
                env=self._environment(environment),
                cwd=self.root / "opt" / "spark-work",
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def crash(self, name: str) -> None:
        """End a service without warning."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def health(self, name: str) -> str:
        """What the service's health check finds wrong; nothing if it passes."""
        # The Connect server's check asks the master's page; the others have one of their own.
        page = "spark-master" if name == "spark-connect" else name
        words = [self._here(word, page) for word in SERVICES[name]["healthcheck"]["test"][1:]]
        done = subprocess.run(
            [*_as_nobody(), *words], env=self._environment({}), capture_output=True, text=True, timeout=10, check=False
        )
        return done.stderr if done.returncode else ""

    def log(self, name: str) -> str:
        """What a service printed."""
        return (self.root / f"{name}.log").read_text(errors="replace")

    def remove(self) -> None:
        """End everything and delete the folders."""
        for name in list(self.processes):
            self.crash(name)
        self.home.chmod(0o755)
        shutil.rmtree(self.root)

    def _here(self, word: str, service: str) -> str:
        word = re.sub(r"\$\{\w+:-([^}]+)\}", r"\1", word)
        word = re.sub(r"\bspark-(master|connect)\b(?!\.)|0\.0\.0\.0", "127.0.0.1", word)
        word = word.replace("/opt/sinesp/docker", str(REPOSITORY / "docker")).replace("/opt/", f"{self.root}/opt/")
        web = self._ports["worker-web" if service == "spark-worker" else "master-web"]
        for port, free in (("7077", self._ports["7077"]), ("15002", self._ports["15002"]), ("8080", web)):
            word = re.sub(rf"\b{port}\b", free, word)
        return word

    def _environment(self, other: Mapping[str, str]) -> dict[str, str]:
        return {
            "PATH": f"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:{self.home}/bin",
            "SPARK_HOME": str(self.home),
            "JAVA_HOME": str(find_java().resolve().parents[1]),
            "SPARK_LOCAL_IP": "127.0.0.1",
            **other,
        }


def _lay_out(root: Path, home: Path) -> None:
    """As the image has it: Spark is root's, the work folder the user's."""
    spec = find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    home.mkdir(parents=True)
    for entry in Path(spec.origin).parent.iterdir():
        (home / entry.name).symlink_to(entry)
    home.chmod(0o555)
    for folder in (root / "opt" / "spark-work", root / "opt" / "sinesp" / "state"):
        folder.mkdir(parents=True)
        if os.getuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
    root.chmod(0o755)


def _as_nobody() -> list[str]:
    """Root may write anywhere, which no container of ours does."""
    words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return words if os.getuid() == 0 else []


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
