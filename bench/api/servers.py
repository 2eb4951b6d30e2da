"""Servers that are raced: started in their folder, watched, stopped."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from sinesp_stack.settings import REPOSITORY
from tests.api.load import wait_for


@contextmanager
def started(command: list[str], folder: Path, url: str, **variables: str) -> Iterator[psutil.Process]:
    """A server in its folder, answering; stopped at the end."""
    environment = {**os.environ, "PYTHONPATH": f"{REPOSITORY / 'include'}{os.pathsep}{REPOSITORY}", **variables}
    with (folder / f"{Path(command[-1]).name}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        wait_for(lambda: _answers(url), 120)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=20, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def memory(process: psutil.Process) -> float:
    """Megabytes of the server and its processes."""
    family = [process, *process.children(recursive=True)]
    return sum(p.memory_info().rss for p in family) / 2**20


def processor_seconds(process: psutil.Process) -> float:
    """Of the server and its processes: what a request costs whatever else the machine is doing."""
    family = [process, *process.children(recursive=True)]
    return sum(sum(p.cpu_times()[:2]) for p in family)
