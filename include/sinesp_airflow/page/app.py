"""The page's routes. Every one asks for the login and for leave to read the micro-batch DAG; none changes anything."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from airflow.api_fastapi.core_api.security import requires_access_dag
from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse

from sinesp.clients.storage import join
from sinesp.domain.errors import SinespError
from sinesp.microbatch import overview
from sinesp.microbatch.overview import Section
from sinesp.monitoring import overview as monitored
from sinesp.monitoring.adapters.lake_log import LakeLog
from sinesp.settings import Settings
from sinesp_airflow.page.links import addresses, with_links
from sinesp_airflow.page.live import live

_STATIC = Path(__file__).parent / "static"
_HEADERS = {
    "Cache-Control": "no-store",
    # Nothing from elsewhere, and no other site may frame it: Airflow's own page does.
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

app = FastAPI(
    title="SINESP",
    dependencies=[Depends(requires_access_dag("GET", param_dag_id="sinesp_microbatch"))],
    # The generated documentation would be open to anyone and loads its scripts from elsewhere.
    openapi_url=None,
)


@app.middleware("http")
async def _headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers.update(_HEADERS)
    return response


@app.exception_handler(SinespError)
def _away(_request: Request, error: SinespError) -> JSONResponse:
    """A service that is away is the content of its section, not a fault of the page."""
    live.forget()
    return JSONResponse({"away": str(error)}, status_code=503)


@app.get("/")
def page() -> FileResponse:
    """The page itself; it asks for its overview."""
    return FileResponse(_STATIC / "page.html")


@app.get("/page.css")
def style() -> FileResponse:
    """Its style."""
    return FileResponse(_STATIC / "page.css")


@app.get("/page.js")
def script() -> FileResponse:
    """Its script."""
    return FileResponse(_STATIC / "page.js")


# Plain functions: FastAPI runs them in threads, and a slow service never holds up Airflow's own requests.


@app.get("/api/partitions")
def partitions() -> Section:
    """Where the checkpoint is."""
    return overview.partitions(live.ledger(), live.broker(), datetime.now(UTC))


@app.get("/api/batches")
def batches() -> Section:
    """What was done lately."""
    return with_links(overview.batches(live.ledger(), datetime.now(UTC)))


@app.get("/api/losses")
def losses() -> Section:
    """What was never read."""
    return overview.losses(live.ledger())


@app.get("/api/views")
def views() -> Section:
    """What the API answers with, and where it is."""
    settings = Settings()
    lake = LakeLog(join(settings.state, "lake", "registros"))
    return {**monitored.views(live.views(), lake), "links": addresses(settings.api_public_url, settings.grafana_url)}


@app.get("/api/quarantine")
def quarantine() -> Section:
    """What was refused."""
    return overview.quarantine(live.quarantine(), datetime.now(UTC))
