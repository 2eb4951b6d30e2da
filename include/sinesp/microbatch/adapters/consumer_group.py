"""The consumer group the checkpoint is mirrored to, so that ordinary lag tools see it."""

from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as KafkaTopicPartition

from sinesp.clients.kafka import TIMEOUT_SECONDS, KafkaEndpoint
from sinesp.clients.kafka_errors import KafkaFailures
from sinesp.domain.errors import TransientError
from sinesp.domain.offsets import Offsets


class ConsumerGroup:
    """Offsets under a name; nothing is ever consumed in it. `timeout` in seconds."""

    def __init__(self, endpoint: KafkaEndpoint, name: str, timeout: float = TIMEOUT_SECONDS) -> None:
        self.name = name
        self._endpoint = endpoint
        self._failures = KafkaFailures(endpoint)
        self._timeout = timeout

    def mirror(self, offsets: Offsets) -> None:
        """Commit the checkpoint to the group.

        By a consumer: a connection lost while the admin client does it ends the whole process (librdkafka's issue
        4605).

        Raises:
            TransientError: the broker does not answer, or does not take the offsets (a live consumer uses the name).
            ConfigurationError: it refuses who we are, or the group to us.
        """
        if not offsets:
            return
        with self._failures.translated():
            consumer = Consumer(self._config())
        try:
            parts = [KafkaTopicPartition(tp.topic, tp.partition, offset) for tp, offset in sorted(offsets.items())]
            answer = consumer.commit(offsets=parts, asynchronous=False) or []
        except KafkaException as error:
            consumer.poll(0)  # what the client has to tell beside its answers is told in this call
            raise self._failures.of(error) from error
        finally:
            consumer.close()
        self._insist_on_all(answer)

    def _insist_on_all(self, answer: list[KafkaTopicPartition]) -> None:
        # A refused partition is no exception to librdkafka: it is told in the answer.
        errors: list[KafkaError] = [part.error for part in answer if part.error]
        for error in errors:
            refusal = self._failures.refusal(error)
            if refusal is not None:
                raise refusal
        if errors:
            raise TransientError(
                f"Kafka em {self._endpoint.bootstrap} não aceitou os offsets do grupo {self.name}: "
                f"{'; '.join({str(error) for error in errors})}"
            )

    def _config(self) -> dict[str, Any]:
        # An unknown coordinator is waited for as long as a session lasts, an answer as long as a socket does.
        timeouts = dict.fromkeys(("session.timeout.ms", "socket.timeout.ms"), int(self._timeout * 1000))
        return self._failures.config(**timeouts, **{"group.id": self.name, "enable.auto.commit": False})
