"""Sends quarantined bytes to Kafka again, exactly as they were."""

from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.kafka_deliveries import AccountedProducer
from sinesp.domain.errors import TransientError
from sinesp.domain.headers import Headers
from sinesp.microbatch.adapters.quarantine_table import MAX_STORED_BYTES

_FLUSH_SECONDS = 60.0


class KafkaRepublisher:
    """Remembers whether every delivery succeeded."""

    def __init__(self, endpoint: KafkaEndpoint) -> None:
        self._where = endpoint.bootstrap
        # The client's own limit of a megabyte would refuse records that the broker once took and the quarantine keeps.
        self._producer = AccountedProducer(endpoint, {"message.max.bytes": 2 * MAX_STORED_BYTES})

    def send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        """Queue one record, waiting while the local queue is full."""
        self._producer.queue(topic, key, value, headers)
        self._producer.poll(0)

    def flush(self) -> None:
        """Wait for every acknowledgement.

        Raises:
            TransientError: some did not come.
            ConfigurationError: and to send again cannot help (`clients.kafka_errors`).
        """
        left = self._producer.flush(_FLUSH_SECONDS)
        failures = self._producer.failures
        if self._producer.refusal is not None:
            raise self._producer.refusal
        if left or failures:
            msg = f"Kafka em {self._where} não confirmou {left + len(failures)} registros: {'; '.join(failures[:3])}"
            raise TransientError(msg)
