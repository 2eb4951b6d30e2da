"""Sends records to Kafka: idempotent, compressed, every delivery counted."""

from collections.abc import Callable, Sequence
from typing import Any

from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.kafka_deliveries import POLL_SECONDS, AccountedProducer
from sinesp.clients.kafka_topics import KafkaTopics
from sinesp.domain.errors import TransientError
from sinesp.domain.headers import Headers

_IN_FLIGHT = 50_000
"""Records waiting for an acknowledgement before producing pauses: some 30 MB."""

_BATCH = 2_000
_DELIVERY_SECONDS = 120.0

_CONFIG: dict[str, Any] = {
    "linger.ms": 20,
    "batch.size": 1_000_000,
    "queue.buffering.max.messages": 4 * _IN_FLIGHT,
    "queue.buffering.max.kbytes": 512 * 1024,
}

Acknowledged = Callable[[int], None]


class RecordProducer:
    """A producer for one publication."""

    def __init__(
        self,
        endpoint: KafkaEndpoint,
        topics: KafkaTopics,
        partitions: int,
        copies: int,
        delivery_seconds: float = _DELIVERY_SECONDS,
    ) -> None:
        self._where = endpoint.bootstrap
        self._topics = topics
        self._partitions = partitions
        self._copies = copies
        self._headers: Headers = []
        self._producer = AccountedProducer(endpoint, {**_CONFIG, "delivery.timeout.ms": int(delivery_seconds * 1000)})

    @property
    def acknowledged(self) -> int:
        """Records the broker confirmed so far."""
        return self._producer.acknowledged

    def create_topics(self, names: Sequence[str]) -> list[str]:
        """Create the missing ones (LogAppendTime); their names.

        Raises:
            TransientError: the broker does not answer.
        """
        return self._topics.create_missing(names, self._partitions, self._copies)

    def carry(self, headers: Headers) -> None:
        """Give every record from now on these headers."""
        self._headers = headers

    def send(self, topic: str, keys: Sequence[str], values: Sequence[str | None], on_progress: Acknowledged) -> None:
        """Queue records (a null value deletes), waiting while too many are unconfirmed.

        Raises:
            TransientError: a delivery has failed for good.
            ConfigurationError: and so would the next (`clients.kafka_errors`).
        """
        for start in range(0, len(keys), _BATCH):
            end = start + _BATCH
            self._queue(topic, keys[start:end], values[start:end])
            on_progress(self.acknowledged)
            while len(self._producer) > _IN_FLIGHT:
                self._producer.poll(POLL_SECONDS)
            self._check()

    def flush(self, on_progress: Acknowledged) -> int:
        """Wait for every delivery report; records acknowledged in all.

        Raises:
            TransientError, ConfigurationError: some were not confirmed; see `send`.
        """
        # librdkafka gives each record a report within delivery.timeout.ms, good or bad, so this ends.
        while self._producer.flush(1.0):
            on_progress(self.acknowledged)
        on_progress(self.acknowledged)
        self._check()
        return self.acknowledged

    def _queue(self, topic: str, keys: Sequence[str], values: Sequence[str | None]) -> None:
        for key, value in zip(keys, values, strict=True):
            self._producer.queue(topic, key, value, self._headers)
        self._producer.poll(0)

    def _check(self) -> None:
        failures = self._producer.failures
        if failures:
            # What still waits must not arrive after a later run's records.
            self._producer.purge()
            if self._producer.refusal is not None:
                raise self._producer.refusal
            msg = (
                f"Kafka em {self._where} não confirmou a publicação ({len(failures)} registros recusados; o primeiro: "
                f"{failures[0]}). Nada foi dado como publicado: rode de novo e o que faltou será enviado."
            )
            raise TransientError(msg)
