"""An idempotent Kafka producer that accounts for every record it is given."""

from collections.abc import Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.kafka_errors import KafkaFailures
from sinesp.domain.errors import ConfigurationError
from sinesp.domain.headers import Headers

POLL_SECONDS = 0.05

# Idempotent: a send that the client repeats could otherwise land behind a later record of its id, and win.
_CONFIG: dict[str, Any] = {"enable.idempotence": True, "acks": "all", "compression.type": "lz4"}


class AccountedProducer(Producer):
    """Every record queued ends up, after a flush at the latest, in one of two accounts.

    `acknowledged` is a count, `failures` the broker's words; `refusal` is set when to send again cannot help.

    Raises:
        ConfigurationError: the client does not take the settings.
    """

    def __init__(self, endpoint: KafkaEndpoint, config: Mapping[str, Any]) -> None:
        self._told = KafkaFailures(endpoint)
        with self._told.translated():
            super().__init__(self._told.config(**_CONFIG, **config))
        self.acknowledged = 0
        self.failures: list[str] = []
        self.refusal: ConfigurationError | None = None

    def queue(
        self, topic: str, key: str | bytes | None, value: str | bytes | None, headers: Headers | None = None
    ) -> None:
        """Hand over one record, waiting while the local queue is full."""
        while True:
            try:
                self.produce(topic, key=key, value=value, headers=[*(headers or ())], on_delivery=self._delivered)
            except BufferError:
                self.poll(POLL_SECONDS)
            except KafkaException as error:
                # Refused before it is sent (too large, say): an answer like any other, or the sum would not come out.
                self._fail(error.args[0])
                return
            else:
                return

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        if error is None:
            self.acknowledged += 1
        else:
            self._fail(error)

    def _fail(self, error: KafkaError) -> None:
        self.failures.append(str(error))
        failure = self._told.of(error)
        if isinstance(failure, ConfigurationError):
            self.refusal = failure
