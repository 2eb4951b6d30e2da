"""The application: routes over the ports it is given. Nothing connects here."""

from fastapi import FastAPI

from sinesp.query.state import QueryPorts
from sinesp_api import failures
from sinesp_api.answering import Answering
from sinesp_api.caching.memory import MemoryCache
from sinesp_api.caching.store import AnswerStore, SharedCache
from sinesp_api.configuration import PREFIX, ApiConfig
from sinesp_api.cursors import CursorSigner
from sinesp_api.pages.router import pages_router
from sinesp_api.routes import questions


def create_app(ports: QueryPorts, config: ApiConfig, shared: SharedCache | None = None) -> FastAPI:
    """The API over `ports`; tests give it a reader in memory."""
    app = FastAPI(title="SINESP: dados abertos de segurança pública", version="1", docs_url=None, redoc_url=None)
    store = AnswerStore(MemoryCache(config.cache_bytes), shared)
    app.state.answering = Answering(ports, store, CursorSigner(config.cursor_key))
    failures.install(app)
    app.include_router(questions.router, prefix=PREFIX)
    app.include_router(pages_router(ports))
    return app
