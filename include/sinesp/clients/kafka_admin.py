"""The admin client: every question to the broker waits, fails and is asked again in the same way."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicCollection
from confluent_kafka import TopicPartition as KafkaTopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # re-exported without saying so
    AdminClient,
    ConfigResource,
    OffsetSpec,
    ResourceType,
)
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from sinesp.clients.kafka import TIMEOUT_SECONDS, KafkaEndpoint
from sinesp.clients.kafka_errors import KafkaFailures
from sinesp.domain.errors import SinespError, TransientError
from sinesp.domain.offsets import TopicPartition

_LEADER_SECONDS = 0.1
_LEADER_CHANGED = {
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError.OFFSET_NOT_AVAILABLE,
}

_NO_RECORD = -1
"""What the broker answers when no record fits; anything below comes from the client and says nothing."""


class NoLeaderError(TransientError):
    """A partition has no leader at the moment: nobody can say where it begins or ends."""


class KafkaAdmin:
    """Questions to the broker, each answered at the time of the call; `timeout` in seconds.

    Raises (any method):
        TransientError: the broker does not answer in time.
        ConfigurationError: it refuses who we are or what we ask (`clients.kafka_errors`).
    """

    def __init__(self, endpoint: KafkaEndpoint, timeout: float = TIMEOUT_SECONDS) -> None:
        self.endpoint = endpoint
        self.timeout = timeout
        self._failures = KafkaFailures(endpoint)
        with self._failures.translated():
            self._client = AdminClient(self._failures.config())

    def partitions(self) -> dict[str, list[int]]:
        """Every topic there is, with the numbers of its partitions."""
        try:
            known = self._client.list_topics(timeout=self.timeout).topics
        except KafkaException as error:
            raise self._failure(error) from error
        return {name: list(topic.partitions) for name, topic in known.items()}

    def topic_ids(self, topics: Sequence[str]) -> dict[str, str]:
        """The broker's identity of each topic: it changes when a topic is deleted and created again."""
        asked = self._client.describe_topics(TopicCollection(list(topics)), request_timeout=self.timeout)
        return {name: str(topic.topic_id) for name, topic in self._answers(asked).items()}

    def configs(self, topics: Sequence[str]) -> dict[str, dict[str, str]]:
        """The settings in force of each topic, defaults included, by their names."""
        resources = [ConfigResource(ResourceType.TOPIC, t) for t in topics]
        asked = self._client.describe_configs(resources, request_timeout=self.timeout)
        return {
            resource.name: {name: str(entry.value) for name, entry in config.items()}
            for resource, config in self._answers(asked).items()
        }

    def list_offsets(
        self, specs: Mapping[TopicPartition, OffsetSpec], isolation: IsolationLevel = IsolationLevel.READ_COMMITTED
    ) -> dict[TopicPartition, Any]:
        """Offset and timestamp (ms) of each partition, -1 where no record fits the question.

        A partition whose leader has just changed or died is asked again, which the client does not do by itself.
        """
        asked = {KafkaTopicPartition(tp.topic, tp.partition): spec for tp, spec in specs.items()}
        patience = Retrying(
            retry=retry_if_exception(_has_no_leader),
            stop=stop_after_delay(self.timeout),
            wait=wait_fixed(_LEADER_SECONDS),
            reraise=True,
        )
        answers = patience(self._list_offsets, asked, isolation)
        return {TopicPartition(k.topic, k.partition): answer for k, answer in answers.items()}

    def _list_offsets(
        self, asked: Mapping[KafkaTopicPartition, OffsetSpec], isolation: IsolationLevel
    ) -> dict[Any, Any]:
        answers = self._answers(
            self._client.list_offsets({**asked}, isolation_level=isolation, request_timeout=self.timeout)
        )
        # Right after a broker dies the client answers for the partitions it led without an error and without an offset.
        # Taken for a number, that is an end before every checkpoint: a topic made anew, unread records to be skipped.
        silent = sorted(f"{tp.topic}[{tp.partition}]" for tp, answer in answers.items() if answer.offset < _NO_RECORD)
        if silent:
            raise NoLeaderError(self.endpoint.unreachable(LookupError(f"sem líder: {', '.join(silent)}")))
        return answers

    def _answers(self, futures: Mapping[Any, "Future[Any]"]) -> dict[Any, Any]:
        try:
            return {key: future.result(timeout=self.timeout) for key, future in futures.items()}
        except (KafkaException, TimeoutError) as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> SinespError:
        self._client.poll(0)  # what the client has to tell beside its answers is told in this call
        return self._failures.of(error)


def _has_no_leader(error: BaseException) -> bool:
    if isinstance(error, NoLeaderError):
        return True
    cause = error.__cause__
    return isinstance(cause, KafkaException) and cause.args[0].code() in _LEADER_CHANGED
