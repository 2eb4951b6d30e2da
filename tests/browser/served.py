"""The API over the figures in memory, on 127.0.0.1, in a thread: started, stopped and given a new version at will."""

import contextlib
import os
import socket
import tempfile
import threading
import time
from dataclasses import dataclass, field

import httpx
import uvicorn

from sinesp.query.adapters.bulk_files import StoredBulkFiles
from sinesp.query.state import query_ports
from sinesp_api.app import Parts, create_app
from sinesp_api.configuration import ApiConfig
from sinesp_api.lifecycle import STOPPING
from sinesp_api.measures import Measures
from tests.browser.reader import FigureReader, figure_reader

PORT = int(os.environ.get("SINESP_TEST_PORTS", "19200")) + 60


def _free_port() -> int:
    """One of a few ports of the block, so that a server can be started while another one closes."""
    for port in range(PORT, PORT + 20):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError(f"nenhuma porta livre de {PORT} a {PORT + 19}")


@dataclass
class Served:
    """A server and what it reads from."""

    reader: FigureReader = field(default_factory=figure_reader)
    port: int = field(default_factory=_free_port)
    state: str = field(default_factory=lambda: tempfile.mkdtemp(prefix="sinesp-paginas-"))
    server: uvicorn.Server | None = None
    thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        config = ApiConfig(cursor_key=b"k" * 32, rate_per_minute=0)
        app = create_app(query_ports(self.reader), config, Parts(StoredBulkFiles(self.state), Measures()))
        STOPPING.clear()
        options = {"log_level": "warning", "timeout_graceful_shutdown": 2, "access_log": False}
        self.server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=self.port, **options))  # type: ignore[arg-type]
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 20
        while not (self.server and self.server.started):
            if time.monotonic() > deadline or not (self.thread and self.thread.is_alive()):
                raise RuntimeError("o servidor de teste não começou")
            time.sleep(0.05)

    def stop(self) -> None:
        if self.server and self.thread:
            STOPPING.set()
            self.server.should_exit = True
            self.thread.join(10)

    def revise(self) -> None:
        """Publish version 2: Bahia's rapes of December 2021 become 9,999."""
        self.reader.revise("29", "estupro", "2021-12", 9_999)

    def wait_for(self, version: int) -> None:
        """Until the server knows the version: it asks once a second."""
        deadline = time.monotonic() + 20
        while f'data-versao="{version}"' not in httpx.get(f"{self.url}/dados").text:
            if time.monotonic() > deadline:
                raise RuntimeError(f"o servidor não chegou à versão {version}")
            time.sleep(0.1)
