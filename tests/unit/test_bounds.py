"""How much one batch reads, and what is said when it is more than was asked for."""

import logging
from collections.abc import Mapping
from typing import Any, cast

import pytest

from sinesp.domain.offsets import OffsetRange, Offsets, TopicPartition
from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets
from sinesp.microbatch.planning.bounds import bounded_ranges

TP = TopicPartition("t", 0)


class OneMillisecond:
    """A broker whose records up to `end` all arrived in one millisecond."""

    def __init__(self, end: int) -> None:
        self._end = end

    def align(self, cuts: Mapping[TopicPartition, tuple[int, int]]) -> Offsets:
        return dict.fromkeys(cuts, self._end)


@pytest.mark.parametrize(("end", "told"), [(5_059, ["5059 registros, acima do máximo de 400"]), (400, [])])
def test_batch_larger_than_its_bound_says_why(end: int, told: list[str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    broker = cast("KafkaOffsets", cast("Any", OneMillisecond(end)))
    assert bounded_ranges({TP: 0}, {TP: 9_000}, 400, broker) == (OffsetRange("t", 0, 0, end),)
    assert len(caplog.messages) == len(told)
    assert all(words in message for words, message in zip(told, caplog.messages, strict=True))
