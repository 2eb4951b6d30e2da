"""Records from another age: produced while the topic kept the producers' time, read after it was altered."""

import time

import pytest
from confluent_kafka import Producer

from sinesp.domain.contract import Destination
from tests.faults.checks import assert_sound
from tests.faults.kafka import configure
from tests.pipeline import Pipeline, record
from tests.unit.kafka_rows import upsert

ESTADO = Destination.ESTADO.topic
NOW_MS = int(time.time() * 1000)


def produce_at(pipeline: Pipeline, **stamps: int) -> None:
    configure(
        pipeline, ESTADO, {"message.timestamp.type": "CreateTime", "message.timestamp.after.max.ms": str(2**63 - 1)}
    )
    producer = Producer({"bootstrap.servers": pipeline.settings.kafka_broker})
    for name, ms in stamps.items():
        producer.produce(ESTADO, upsert(name), name.encode(), partition=0, timestamp=ms)
    assert producer.flush(30) == 0
    configure(pipeline, ESTADO, {"message.timestamp.type": "LogAppendTime"})


@pytest.mark.parametrize("stamp", [NOW_MS * 1_000, NOW_MS * 1_000_000, NOW_MS + 10 * 86_400_000])
def test_a_record_from_another_age_goes_to_the_quarantine_and_the_batch_ends(pipeline: Pipeline, stamp: int) -> None:
    pipeline.produce([record("a", vitimas="1")], partition=0)
    produce_at(pipeline, a=stamp)
    pipeline.produce([record("b", vitimas="2")], partition=0)

    pipeline.run()

    assert pipeline.victims() == {"a": "1", "b": "2"}
    (refused,) = pipeline.quarantined()
    assert (refused.key, refused.reasons) == (b"a", ("instante_impossivel",))
    assert refused.detail == f"instante do Kafka: {stamp} ms"
    assert_sound(pipeline)

    pipeline.produce([record("a", vitimas="3")], partition=0)
    pipeline.run()
    assert pipeline.victims()["a"] == "3"
    assert pipeline.plan() is None
