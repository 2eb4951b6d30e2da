"""/metrics on a listener of its own, which the public never reaches: the API's figures and the pipeline's."""

import logging
from types import TracebackType
from typing import Any, Self

from prometheus_client import GCCollector, PlatformCollector, ProcessCollector, start_http_server

from sinesp.clients.cassandra import CassandraEndpoint
from sinesp.endpoints import endpoints_from_settings
from sinesp.exposition import pipeline_collector
from sinesp.live import Live
from sinesp.publication.adapters.versions import VersionStore
from sinesp.settings import Settings
from sinesp_api.measures import Measures

log = logging.getLogger(__name__)


class MetricsListener:
    """Serves in threads of its own while entered. Of several processes each takes the next free port."""

    def __init__(self, settings: Settings, cassandra: CassandraEndpoint, measures: Measures) -> None:
        self._settings = settings
        self._cassandra = cassandra
        self._registry = measures.registry
        self._server: Any = None
        self.port = 0

    def __enter__(self) -> Self:
        if self._settings.api_metrics_port:
            self._register()
            self._listen()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def _register(self) -> None:
        endpoints = endpoints_from_settings(self._settings)
        live = Live(lambda: self._cassandra, lambda: endpoints.kafka)
        self._registry.register(pipeline_collector(live, VersionStore(self._settings.state), self._settings.state))
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)

    def _listen(self) -> None:
        first = self._settings.api_metrics_port
        for port in range(first, first + self._settings.api_workers):
            try:
                self._server, _ = start_http_server(port, self._settings.api_metrics_host, self._registry)
            except OSError as error:
                log.debug("Log - /metrics: porta %d ocupada (%s)", port, error)
            else:
                self.port = port
                return
        log.error("Log - /metrics não abriu: as portas a partir de %d estão ocupadas (SINESP_API_METRICS_PORT)", first)
