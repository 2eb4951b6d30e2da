"""Topic administration: the three topics, created with the broker's clock as their time."""

from collections.abc import Sequence

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]  # re-exported without saying so
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.kafka_errors import KafkaFailures
from sinesp.domain.errors import TransientError

_TIMEOUT_SECONDS = 15.0
_LOOK_SECONDS = 0.1


def topic_config(copies: int) -> dict[str, str]:
    """Configuration of a topic of which each partition is kept `copies` times.

    What is confirmed outlives the loss of a broker where three copies are kept or more. With two, one broker away would
    stop publishing altogether if both had to confirm.
    """
    return {"message.timestamp.type": "LogAppendTime", "min.insync.replicas": "2" if copies > 2 else "1"}


class KafkaTopics:
    """Creates topics; never alters one that exists."""

    def __init__(self, endpoint: KafkaEndpoint) -> None:
        self._failures = KafkaFailures(endpoint)
        with self._failures.translated():
            self._admin = AdminClient(self._failures.config())

    def create_missing(self, topics: Sequence[str], partitions: int, copies: int) -> list[str]:
        """Create those that are missing, with `topic_config`; the names created, which the broker knows from now on.

        Raises:
            TransientError: the broker does not answer, or does not yet name what it has created.
            ConfigurationError: it refuses who we are, or topics like these.
        """
        try:
            names = self._create_missing(topics, partitions, copies)
            self._wait_until_named(names)
        except KafkaException as error:
            self._admin.poll(0)  # what the client has to tell beside its answers is told in this call
            raise self._failures.of(error) from error
        return names

    def _create_missing(self, topics: Sequence[str], partitions: int, copies: int) -> list[str]:
        known = self._admin.list_topics(timeout=_TIMEOUT_SECONDS).topics
        config = topic_config(copies)
        wanted = [
            NewTopic(t, num_partitions=partitions, replication_factor=copies, config=config)
            for t in topics
            if t not in known
        ]
        created = self._admin.create_topics(wanted, operation_timeout=_TIMEOUT_SECONDS) if wanted else {}
        return [t for t, future in created.items() if self._was_created(future)]

    def _wait_until_named(self, topics: Sequence[str]) -> None:
        """A topic is created before the broker names it: who asks in between is told that there is none."""
        not_yet = retry_if_exception_type(TransientError)
        stop, wait = stop_after_delay(_TIMEOUT_SECONDS), wait_fixed(_LOOK_SECONDS)
        Retrying(retry=not_yet, stop=stop, wait=wait, reraise=True)(self._check_named, topics)

    def _check_named(self, topics: Sequence[str]) -> None:
        named = self._admin.list_topics(timeout=_TIMEOUT_SECONDS).topics
        unnamed = [t for t in topics if t not in named]
        if unnamed:
            msg = f"Tópico criado que o Kafka ainda não conhece: {', '.join(unnamed)}. Nada se perdeu; tente de novo."
            raise TransientError(msg)

    @staticmethod
    def _was_created(future: object) -> bool:
        """Another run creating the same topic at the same moment is no failure."""
        try:
            future.result()  # type: ignore[attr-defined]
        except KafkaException as error:
            if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
                return False
            raise
        return True
