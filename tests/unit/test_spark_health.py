"""docker/spark_health.py: an open port alone is no health."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from sinesp_stack.settings import REPOSITORY

OURS = {"name": "sinesp-connect", "state": "RUNNING", "cores": 2}


class Master(HTTPServer):
    """Answers /json/ as a standalone master does, as far as anybody looks."""

    applications: list[dict[str, Any]] | None = None

    @property
    def port(self) -> str:
        return str(self.server_address[1])


class _Page(BaseHTTPRequestHandler):
    server: Master

    def do_GET(self) -> None:
        if self.server.applications is None:  # accepts, and never answers
            time.sleep(20)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"status": "ALIVE", "activeapps": self.server.applications}).encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def master() -> Master:
    server = Master(("127.0.0.1", 0), _Page)
    # Never shut down: one that is asleep would be waited for.
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def connect() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield str(server.getsockname()[1])


def _check(connect: str, url: str, web_port: str) -> str:
    """As the engine does: exit code, words, and the ten seconds after which it gives up itself."""
    script = [sys.executable, str(REPOSITORY / "docker" / "spark_health.py"), connect, url, web_port]
    done = subprocess.run(script, capture_output=True, text=True, check=False, timeout=10)
    assert (done.returncode == 0) == (done.stderr == "")
    return done.stderr


def test_application_in_execution_is_well(master: Master, connect: str) -> None:
    master.applications = [{**OURS, "name": "another", "cores": 0}, OURS]

    assert _check(connect, "spark://127.0.0.1:7077", master.port) == ""


@pytest.mark.parametrize(
    "applications", [[], [{**OURS, "name": "another"}], [{**OURS, "state": "WAITING"}], [{**OURS, "cores": 0}], None]
)
def test_master_that_would_run_no_job_of_ours_is_seen(
    master: Master, connect: str, applications: list[dict[str, Any]] | None
) -> None:
    master.applications = applications

    assert "não tem a aplicação sinesp-connect" in _check(connect, "spark://127.0.0.1:7077", master.port)


def test_one_of_several_masters_that_knows_it_is_enough(master: Master, connect: str) -> None:
    master.applications = [OURS]

    assert _check(connect, "spark://127.0.0.2:7077,127.0.0.1:7077", master.port) == ""


def test_server_that_is_away_is_seen(master: Master, connect: str) -> None:
    assert "não responde na porta 1:" in _check("1", "spark://127.0.0.1:7077", master.port)


def test_another_kind_of_cluster_is_not_asked(connect: str) -> None:
    assert _check(connect, "k8s://https://127.0.0.1:6443", "1") == ""
