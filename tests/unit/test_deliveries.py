"""What becomes of records that never reach the broker."""

from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.kafka_deliveries import AccountedProducer


def test_record_the_client_refuses_at_once_counts_as_a_failure() -> None:
    producer = AccountedProducer(KafkaEndpoint("127.0.0.1:1", {}), {"message.max.bytes": 1_000})
    producer.queue("t", b"k", b"x" * 2_000)
    (failure,) = producer.failures
    assert "MSG_SIZE_TOO_LARGE" in failure
    assert producer.acknowledged == 0
