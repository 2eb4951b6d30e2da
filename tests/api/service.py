"""The API as users run it: a process of its own, on a port of its own, stopped at the end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from sinesp_stack.settings import REPOSITORY
from sinesp_stack.stack import Stack
from tests.api.load import wait_for


@dataclass
class Service:
    """A running API."""

    process: subprocess.Popen[bytes]
    url: str
    metrics_url: str
    log: Path
    client: httpx.Client

    def get(self, path: str, **options: Any) -> httpx.Response:
        """A request below the prefix."""
        return self.client.get(f"/api/v1{path}", **options)

    def data(self, path: str) -> list[dict[str, Any]]:
        """The rows of an answer that is expected to be one."""
        response = self.get(path)
        assert response.status_code == 200, response.text
        rows: list[dict[str, Any]] = response.json()["dados"]
        return rows

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels."""
        said = [f'{label}="{value}"' for label, value in labels.items()]
        lines = httpx.get(self.metrics_url, timeout=20, trust_env=False).text.splitlines()
        own = [line for line in lines if line.startswith((f"{name} ", f"{name}{{"))]
        return sum(float(line.rpartition(" ")[2]) for line in own if all(label in line for label in said))


@contextmanager
def serving(stack: Stack, port: int, folder: Path, **settings: str) -> Iterator[Service]:
    """`sinesp api serve` on `port`, its figures on the next one."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(REPOSITORY / "include"),
        **stack.env(),
        "SINESP_STATE_URL": folder.as_uri(),
        "SINESP_API_PORT": str(port),
        "SINESP_API_METRICS_PORT": str(port + 1),
        "SINESP_API_RATE_PER_MINUTE": "0",
        **settings,
    }
    log = folder / "api.log"
    command = [sys.executable, "-m", "sinesp.cli", "api", "serve"]
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file, cwd=folder)
    url = f"http://127.0.0.1:{port}"
    client = httpx.Client(base_url=url, timeout=20, trust_env=False)
    service = Service(process, url, f"http://127.0.0.1:{port + 1}/metrics", log, client)
    try:
        wait_for(lambda: _lives(service), 30)
        yield service
    finally:
        client.close()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(20)


def _lives(service: Service) -> bool:
    assert service.process.poll() is None, service.log.read_text()
    try:
        return service.get("/saude").status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def frozen(stack: Stack, name: str) -> Iterator[None]:
    """A service that keeps its connections and does not answer."""
    stack.pause(name)
    try:
        yield
    finally:
        stack.resume(name)
        stack.wait_healthy(name)


def lines(log: Path) -> list[dict[str, Any]]:
    """The access log's lines."""
    found = (line[line.index("{") :] for line in log.read_text().splitlines() if '"rota"' in line)
    return [json.loads(line) for line in found]
