"""What a broker that has just died makes the client answer, and what is made of it."""

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, cast

import pytest
from confluent_kafka import TopicPartition as KafkaTopicPartition

from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.kafka_admin import KafkaAdmin, NoLeaderError
from sinesp.domain.errors import TransientError
from sinesp.domain.offsets import TopicPartition
from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets

P0, P1 = TopicPartition("t", 0), TopicPartition("t", 1)


@dataclass
class Answer:
    """What list_offsets gives for one partition."""

    offset: int
    timestamp: int = -1


class Client:
    """An admin client that gives `answers` in turn for partition 0, the last one for ever, and 7 for all others."""

    def __init__(self, *answers: int) -> None:
        self.answers = list(answers)
        self.asked = 0

    def list_offsets(self, asked: Mapping[KafkaTopicPartition, Any], **_: Any) -> dict[Any, "Future[Answer]"]:
        self.asked += 1
        offset = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        futures = {}
        for tp in asked:
            futures[tp] = Future[Answer]()
            futures[tp].set_result(Answer(offset if tp.partition == 0 else 7))
        return futures


def broker(client: Client, timeout: float = 5) -> KafkaOffsets:
    admin = KafkaAdmin(KafkaEndpoint("127.0.0.1:1"), timeout)
    admin._client = cast("Any", client)
    return KafkaOffsets(admin)


def test_a_partition_without_a_leader_is_asked_again_until_it_has_one() -> None:
    client = Client(-1001, -1001, 4)
    assert broker(client).latest([P0, P1]) == {P0: 4, P1: 7}
    assert client.asked == 3


def test_a_partition_that_stays_without_a_leader_is_no_number() -> None:
    with pytest.raises(NoLeaderError, match=r"sem líder: t\[0\]"):
        broker(Client(-1001), timeout=0.3).earliest([P0, P1])


def test_no_record_that_fits_is_an_answer_but_no_bound() -> None:
    assert broker(Client(-1)).at_times({P0: 5, P1: 5}) == {P1: 7}
    with pytest.raises(TransientError, match=r"onde começam ou terminam: t\[0\]"):
        broker(Client(-1)).latest([P0, P1])
