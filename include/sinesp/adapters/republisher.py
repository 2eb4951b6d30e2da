"""Sends quarantined bytes to Kafka again, exactly as they were."""

from typing import Any

from confluent_kafka import KafkaError, Message, Producer

from sinesp.adapters.kafka import KafkaEndpoint
from sinesp.adapters.quarantine import MAX_STORED_BYTES
from sinesp.domain.errors import TransientError
from sinesp.domain.quarantine import Headers

_FLUSH_SECONDS = 60.0


class KafkaRepublisher:
    """An idempotent producer that remembers whether every delivery succeeded."""

    def __init__(self, endpoint: KafkaEndpoint) -> None:
        self._where = endpoint.bootstrap
        config: dict[str, Any] = {
            **endpoint.librdkafka(), "enable.idempotence": True, "compression.type": "lz4", "log_level": 0,
            "message.max.bytes": 2 * MAX_STORED_BYTES,
        }  # fmt: skip
        self._producer = Producer(config)
        self._failed: list[str] = []

    def send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        """Queue one record, waiting while the local queue is full."""
        while True:
            try:
                self._producer.produce(topic, key=key, value=value, headers=[*headers], on_delivery=self._delivered)
            except BufferError:
                self._producer.poll(0.5)
            else:
                self._producer.poll(0)
                return

    def flush(self) -> None:
        """Wait for every acknowledgement.

        Raises:
            TransientError: some did not come.
        """
        left = self._producer.flush(_FLUSH_SECONDS)
        if left or self._failed:
            msg = f"Kafka em {self._where} não confirmou {left + len(self._failed)} registros: {'; '.join(self._failed[:3])}"
            raise TransientError(msg)

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self._failed.append(str(error))
