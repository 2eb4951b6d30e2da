"""What the API measures of itself, by route template, never by the raw path."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_REQUEST_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_READ_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
UNKNOWN_ROUTE: Final = "outra"


class Measures:
    """Figures of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "sinesp_api_duracao_seconds",
            "Tempo de resposta; status 304 e 429 contam as respostas sem corpo e as recusadas por limite",
            ("rota", "metodo", "status"),
            buckets=_REQUEST_BUCKETS,
            registry=self.registry,
        )
        self.cache = Counter(
            "sinesp_api_cache", "Onde cada resposta foi achada", ("resultado",), registry=self.registry
        )
        self.reads = Histogram(
            "sinesp_cassandra_leitura_seconds",
            "Tempo de cada leitura das visões",
            ("consulta", "resultado"),
            buckets=_READ_BUCKETS,
            registry=self.registry,
        )
        self.shared = Gauge(
            "sinesp_api_cache_disponivel", "1: o cache compartilhado (Redis) responde", registry=self.registry
        )
        self.kept = self._gauge("sinesp_api_cache_bytes", "Memória do cache deste processo")
        self.listeners = self._gauge("sinesp_api_ouvintes", "Conexões abertas em /eventos")
        self.version = self._gauge("sinesp_api_versao", "Versão das visões que este processo responde")
        self.old = self._gauge("sinesp_api_visoes_fora", "1: as visões não respondem e vale o que está guardado")

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(name, meaning, registry=self.registry)

    def read(self, statement: str, seconds: float, outcome: str) -> None:
        """One read of the views."""
        self.reads.labels(statement, outcome).observe(seconds)

    def found(self, where: str) -> None:
        """Where one answer was found."""
        self.cache.labels(where).inc()

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request."""
        self.requests.labels(route, method, str(status)).observe(seconds)
