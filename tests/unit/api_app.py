"""The API in this process over the sample in memory."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
from anyio.from_thread import start_blocking_portal

from sinesp.query.adapters.bulk_files import StoredBulkFiles
from sinesp.query.adapters.memory_reader import MemoryReader
from sinesp.query.state import query_ports
from sinesp_api.app import Parts, create_app
from sinesp_api.configuration import ApiConfig
from sinesp_api.front.gate import Gate
from sinesp_api.measures import Measures
from tests.sample_views import sample_reader

KEY = b"k" * 32


def sample_app(reader: MemoryReader | None = None, state: str = "file:///nowhere", **config: Any) -> Gate:
    """The application; no limit unless told."""
    options = {"rate_per_minute": 0, **config}
    parts = Parts(StoredBulkFiles(state), Measures())
    return create_app(query_ports(reader or sample_reader()), ApiConfig(KEY, **options), parts)


class Client:
    """Requests below the prefix, each awaited in one event loop."""

    def __init__(self, app: Gate, portal: Any, client: httpx.AsyncClient) -> None:
        self.app, self._portal, self._client = app, portal, client

    def get(self, path: str, method: str = "GET", **options: Any) -> httpx.Response:
        """One request; a path that begins with /api is taken as it is."""
        response: httpx.Response = self._portal.call(lambda: self.send(path, method, **options))
        return response

    async def send(self, path: str, method: str = "GET", **options: Any) -> httpx.Response:
        """The same, for whoever is in the loop."""
        url = path if path.startswith("/api") else f"/api/v1{path}"
        return await self._client.request(method, url, **options)

    def data(self, path: str) -> list[dict[str, Any]]:
        """The rows of an answer that is expected to be one."""
        response = self.get(path)
        assert response.status_code == 200, response.text
        rows: list[dict[str, Any]] = response.json()["dados"]
        return rows

    def call(self, function: Any, *arguments: Any) -> Any:
        """Something awaitable of the application's, in its loop."""
        return self._portal.call(function, *arguments)


@contextmanager
def client_of(app: Gate) -> Iterator[Client]:
    """A client of the application."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(_http(app)) as client:
        yield Client(app, portal, client)


@asynccontextmanager
async def _http(app: Gate) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://teste", timeout=30) as client:
        yield client


def write_bulk(folder: Path, versao: int, nome: str, content: bytes) -> None:
    """A file of a version, as a refresh writes it."""
    import hashlib
    import json

    digest = hashlib.sha256(content).hexdigest()
    objects, index = folder / "arquivos" / "conteudo", folder / "arquivos" / str(versao)
    objects.mkdir(parents=True, exist_ok=True)
    index.mkdir(parents=True)
    name = f"{digest}.{nome.rpartition('.')[2]}"
    (objects / name).write_bytes(content)
    entry = {"objeto": f"conteudo/{name}", "bytes": len(content), "sha256": digest, "linhas": content.count(b"\n") - 1}
    (index / "indice.json").write_text(json.dumps({nome: entry}))
