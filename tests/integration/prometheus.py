"""A Prometheus of its own over the pipeline's figures, in a hurry: it reads and judges every few seconds."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from sinesp_stack.prerequisites import find_optional
from sinesp_stack.services.prometheus import SHIPPED

PATIENCE_SECONDS = 30.0
SECONDS = 3
"""More than the figures take while a service is frozen: who reads them must not give up first."""

# What a test can wait for: the windows and delays of the rules, and nothing else of them.
_HURRIED = (
    (r"for: \w+", "for: 0s"),
    (r"\[1h\]", "[12s]"),
    (r"offset 1h", "offset 8s"),
    (r"\[5m\]", "[15s]"),
)


def hurried(rules: str) -> str:
    """The rules with windows of seconds."""
    for pattern, replacement in _HURRIED:
        rules = re.sub(pattern, replacement, rules)
    return rules


class Prometheus:
    """Questions to a running server."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=10)

    def get(self, path: str, **params: str) -> Any:
        """The data of an answer of its API."""
        answer = self._http.get(f"/api/v1/{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series an expression has now."""
        found: list[dict[str, Any]] = self.get("query", query=expression)["result"]
        return found

    def rules(self) -> list[dict[str, Any]]:
        """Every rule with its health."""
        return [rule for group in self.get("rules")["groups"] for rule in group["rules"]]

    def firing(self) -> set[str]:
        """Names of the alerts whose condition holds."""
        return {alert["labels"]["alertname"] for alert in self.get("alerts")["alerts"]}

    def wait(self, true: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
        """Poll until it holds."""
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, f"not within {seconds} s; firing: {sorted(self.firing())}"
            time.sleep(0.5)

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            return self._http.get("/-/ready").status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def prometheus(folder: Path, port: int, target: str, *, hurry: bool = True) -> Iterator[Prometheus]:
    """Debian's server with the shipped rules, reading `target` until the block ends."""
    rules = (SHIPPED / "rules" / "sinesp.yml").read_text(encoding="utf-8")
    (folder / "rules.yml").write_text(hurried(rules) if hurry else rules)
    shipped = (SHIPPED / "prometheus.yml").read_text(encoding="utf-8")
    configuration = re.sub(r"api:8001", target, shipped).replace("rules/*.yml", "rules.yml")
    (folder / "prometheus.yml").write_text(re.sub(r"_(interval|timeout): \w+", rf"_\1: {SECONDS}s", configuration))
    words = [
        str(find_optional("prometheus")),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT) as process:
        server = Prometheus(f"http://127.0.0.1:{port}")
        try:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not server.is_ready():
                assert process.poll() is None, "prometheus ended"
                assert time.monotonic() < deadline
                time.sleep(0.2)
            yield server
        finally:
            process.terminate()
            process.wait(20)
