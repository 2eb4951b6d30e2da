"""Topics as they are created."""

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest

from sinesp.clients import kafka_topics
from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.kafka_topics import KafkaTopics, topic_config
from sinesp.domain.errors import TransientError


class SlowBroker:
    """It creates a topic at once, and names it only when it has been asked `looks` times."""

    def __init__(self, looks: int) -> None:
        self.looks = looks
        self.created: list[str] = []

    def list_topics(self, timeout: float) -> Any:
        self.looks -= bool(self.created)
        return SimpleNamespace(topics=self.created if self.looks <= 0 else [])

    def create_topics(self, wanted: list[Any], operation_timeout: float) -> dict[str, Future[None]]:
        self.created = [topic.topic for topic in wanted]
        done: Future[None] = Future()
        done.set_result(None)
        return dict.fromkeys(self.created, done)


def topics_of(broker: SlowBroker, monkeypatch: pytest.MonkeyPatch) -> KafkaTopics:
    monkeypatch.setattr(kafka_topics, "AdminClient", lambda config: broker)
    monkeypatch.setattr(kafka_topics, "_LOOK_SECONDS", 0.001)
    return KafkaTopics(KafkaEndpoint("127.0.0.1:9"))


@pytest.mark.parametrize(("copies", "confirmed_by"), [(1, "1"), (2, "1"), (3, "2"), (5, "2")])
def test_what_is_confirmed_outlives_a_broker_where_three_copies_are_kept(copies: int, confirmed_by: str) -> None:
    assert topic_config(copies) == {"message.timestamp.type": "LogAppendTime", "min.insync.replicas": confirmed_by}


def test_created_means_that_the_broker_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = SlowBroker(looks=3)

    assert topics_of(broker, monkeypatch).create_missing(["t"], partitions=1, copies=1) == ["t"]
    assert broker.looks == 0


def test_topic_created_and_never_named_is_an_error_to_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_topics, "_TIMEOUT_SECONDS", 0.05)

    with pytest.raises(TransientError, match="ainda não conhece: t"):
        topics_of(SlowBroker(looks=10**6), monkeypatch).create_missing(["t"], partitions=1, copies=1)
