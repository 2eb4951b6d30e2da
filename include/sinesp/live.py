"""Services of a process that looks on for months: many threads, and a service that may be away for hours."""

import time
from collections.abc import Callable
from threading import Lock

from sinesp.clients.cassandra import CassandraEndpoint, CassandraSession
from sinesp.clients.kafka import KafkaEndpoint
from sinesp.domain.errors import SinespError
from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.adapters.quarantine_table import QuarantineTable
from sinesp.monitoring.adapters.views_tables import ViewsTables
from sinesp.wiring import ledger_of, open_broker, open_cassandra, quarantine_of

ANSWER_SECONDS = 2.0
"""How long whoever looks on waits for a service before it is away."""

_AWAY_SECONDS = 3.0


class Live:
    """Opened once, and again when their endpoint changed or they went away.

    The endpoints are asked for at each use: an edit of a Connection in Airflow's UI needs no restart.

    Raises (any method):
        SinespError: the service is away or its endpoint is wrong.
    """

    def __init__(
        self, cassandra_endpoint: Callable[[], CassandraEndpoint], kafka_endpoint: Callable[[], KafkaEndpoint]
    ) -> None:
        self._cassandra_endpoint = cassandra_endpoint
        self._kafka_endpoint = kafka_endpoint
        self._opening = Lock()
        self._cassandra: tuple[CassandraEndpoint, CassandraSession] | None = None
        self._kafka: tuple[KafkaEndpoint, KafkaOffsets] | None = None
        self._refused: tuple[CassandraEndpoint, SinespError, float] | None = None

    def cassandra(self) -> CassandraSession:
        """The session; while a node is away it is tried every few seconds, whatever the number of readers."""
        endpoint = self._cassandra_endpoint()
        # One at a time: every reader would otherwise open a cluster of its own, with its threads.
        with self._opening:
            if self._cassandra and self._cassandra[0] == endpoint:
                return self._cassandra[1]
            if self._refused and self._refused[0] == endpoint and time.monotonic() - self._refused[2] < _AWAY_SECONDS:
                raise self._refused[1]
            self._close()
            try:
                session = open_cassandra(endpoint, ANSWER_SECONDS)
            except SinespError as error:
                self._refused = (endpoint, error, time.monotonic())
                raise
            self._cassandra, self._refused = (endpoint, session), None
            return session

    def broker(self) -> KafkaOffsets:
        """Offsets of the topics."""
        endpoint = self._kafka_endpoint()
        with self._opening:
            if self._kafka is None or self._kafka[0] != endpoint:
                self._kafka = (endpoint, open_broker(endpoint, ANSWER_SECONDS))
            return self._kafka[1]

    def ledger(self) -> Ledger:
        """The pipeline's ledger."""
        return ledger_of(self.cassandra())

    def quarantine(self) -> QuarantineTable:
        """The quarantine table."""
        return quarantine_of(self.cassandra())

    def views(self) -> ViewsTables:
        """What was announced of the views."""
        return ViewsTables(self.cassandra())

    def forget(self) -> None:
        """Open anew at the next use: after an error, the driver's own wait for a node that is back grows to minutes."""
        with self._opening:
            self._close()

    def _close(self) -> None:
        if self._cassandra:
            self._cassandra[1].session.cluster.shutdown()
        self._cassandra = None
