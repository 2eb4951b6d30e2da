"""The application: routes over the ports it is given, behind the gate. Nothing connects here."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from fastapi import Depends, FastAPI

from sinesp.query.model.bulk import BulkFiles
from sinesp.query.state import QueryPorts
from sinesp_api import failures, openapi
from sinesp_api.answering import Answering
from sinesp_api.caching.memory import MemoryCache
from sinesp_api.caching.store import AnswerStore, SharedCache
from sinesp_api.configuration import PREFIX, ApiConfig
from sinesp_api.cursors import CursorSigner
from sinesp_api.formats.document import Document
from sinesp_api.front.gate import Gate
from sinesp_api.front.limits import RateLimits
from sinesp_api.measures import Measures
from sinesp_api.pages.router import pages_router
from sinesp_api.routes import changes, directories, documentation, files, live, questions
from sinesp_api.routes.asking import no_repeats

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the API works with beside the views: none of it has to be there but the files' folder."""

    files: BulkFiles
    measures: Measures
    shared: SharedCache | None = None
    limits: RateLimits | None = None
    lifespan: Lifespan | None = None


def create_app(ports: QueryPorts, config: ApiConfig, parts: Parts) -> Gate:
    """The API over `ports`; tests give it a reader in memory."""
    app = FastAPI(
        title="SINESP: dados abertos de segurança pública",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=parts.lifespan,
    )
    measures = parts.measures
    store = AnswerStore[Document](MemoryCache(config.cache_bytes), parts.shared, measures.found)
    answering = Answering(ports, store, CursorSigner(config.cursor_key), config.site)
    app.state.answering, app.state.config, app.state.files = answering, config, parts.files
    app.state.measures, app.state.listeners = measures, 0
    _watch(app, answering)
    failures.install(app)
    openapi.install(app)
    for router in (questions.router, changes.router, files.router, directories.router, live.router):
        app.include_router(router, prefix=PREFIX, dependencies=[Depends(no_repeats)])
    app.include_router(documentation.router, prefix=PREFIX)
    app.include_router(pages_router(ports))
    return Gate(app, answering, config, parts.limits or RateLimits(config.rate_per_minute))


def _watch(app: FastAPI, answering: Answering) -> None:
    """Figures that are looked up when somebody asks for them."""
    measures, clock, store = app.state.measures, answering.ports.clock, answering.store
    measures.kept.set_function(lambda: store.memory.bytes)
    measures.listeners.set_function(lambda: app.state.listeners)
    measures.version.set_function(lambda: clock.current.versao if clock.current else 0)
    measures.old.set_function(lambda: int(clock.is_old))
    measures.shared.set_function(lambda: int(getattr(store.shared, "is_available", True)))
