"""Records read without Spark: the first one at an offset, a refused one again, whole ranges for `verify`."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import pyarrow as pa
from confluent_kafka import Consumer, Message
from confluent_kafka import TopicPartition as KafkaTopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]  # re-exported without saying so

from sinesp.clients.kafka_admin import KafkaAdmin
from sinesp.clients.kafka_errors import KafkaFailures
from sinesp.domain.errors import ConfigurationError, SinespError, TransientError
from sinesp.domain.headers import Headers
from sinesp.domain.offsets import OffsetRange, Offsets, TopicPartition
from sinesp.microbatch.model.refused import Refusal, Refused, headers_to_text

_MESSAGES_AT_ONCE = 5_000
_ONE_RECORD = {"fetch.message.max.bytes": 1024, "queued.min.messages": 1}
"""For the first record alone: the broker gives the first batch of records whole, however small the limit."""


class KafkaRecords:
    """Reads records by partition and offset, in no consumer group.

    Raises (any method):
        TransientError: the broker does not answer, or records do not arrive.
        ConfigurationError: it refuses us the records (`clients.kafka_errors`).
    """

    def __init__(self, admin: KafkaAdmin) -> None:
        self._admin = admin
        self._where = admin.endpoint.bootstrap
        self._timeout = admin.timeout
        self._failures = KafkaFailures(admin.endpoint)

    def first_at(self, offsets: Offsets, isolation: str = "read_committed") -> dict[TopicPartition, Message]:
        """First record at or after each offset; absent where there is none.

        A consumer for each: one for all would fetch a megabyte of every partition, ten of them unpacked, and C's
        allocator keeps that in every thread that ever did it.
        """
        messages = ((tp, self._first(tp, offset, isolation)) for tp, offset in offsets.items())
        return {tp: message for tp, message in messages if message is not None}

    def read_refused(self, tp: TopicPartition, offset: int, refusal: Refusal) -> Refused | None:
        """Read one record again with its raw bytes; None when retention or compaction has taken it since."""
        # Not left to the reader: an offset that is gone is an error to it like any other.
        if offset < self._admin.list_offsets({tp: OffsetSpec.earliest()})[tp].offset:
            return None
        message = self._first(tp, offset)
        # After compaction the first record at an offset is a later one.
        if message is None or message.offset() != offset:
            return None
        return _refused(tp, message, refusal)

    def read_batches(self, ranges: Sequence[OffsetRange]) -> Iterator[pa.RecordBatch]:
        """The ranges' records in Spark's shape, headers as (key, value) pairs; one batch in memory at a time.

        Raises:
            TransientError: records stop arriving before the end of a range.
        """
        for r in ranges:
            if r.until > r.start:
                yield from self._read_range(r)

    def _read_range(self, r: OffsetRange) -> Iterator[pa.RecordBatch]:
        with closing(Consumer(self._reader("read_committed"))) as consumer:
            consumer.assign([KafkaTopicPartition(r.topic, r.partition, r.start)])
            position = r.start
            while position < r.until:
                # Not more than is left: the call waits for as many as it is asked for.
                messages = consumer.consume(min(_MESSAGES_AT_ONCE, r.until - position), timeout=self._timeout / 4)
                # By the reader's position: the last offsets of a range may be markers of transactions, never records.
                position = max([position, *_positions(consumer, r)])
                self._refuse(messages)
                if not messages and position < r.until:
                    raise self._silence(f"Kafka em {self._where} parou de entregar {r.tp} no offset {position}")
                records = [m for m in messages if not m.error() and (m.offset() or 0) < r.until]
                if records:
                    yield _record_batch(records)

    def _first(self, tp: TopicPartition, offset: int, isolation: str = "read_committed") -> Message | None:
        with closing(Consumer({**self._reader(isolation), **_ONE_RECORD})) as consumer:
            # By assignment: a subscription would wait for the group.
            consumer.assign([KafkaTopicPartition(tp.topic, tp.partition, offset)])
            message = consumer.poll(self._timeout)
        if message is None:
            raise self._silence(f"Kafka em {self._where} não entregou o registro de {tp} a partir do offset {offset}")
        self._refuse([message])
        # The end of the partition is told as an error.
        return None if message.error() else message

    def _refuse(self, messages: Sequence[Message]) -> None:
        """Stop at what is no record: permission denied, say, would otherwise pass for the end of a partition."""
        for message in messages:
            refusal = self._failures.refusal(message.error())
            if refusal is not None:
                raise refusal

    def _silence(self, text: str) -> SinespError:
        """No record came: what the client has told of the reason, or just that."""
        failure = self._failures.of(LookupError(text))
        return failure if isinstance(failure, ConfigurationError) else TransientError(text)

    def _reader(self, isolation: str) -> dict[str, Any]:
        own = {
            "group.id": "sinesp-plan",  # librdkafka insists on a name; nothing is ever committed to it
            "enable.auto.commit": False,
            # By default a fetch waits half a second for more than the one record that is asked for.
            "fetch.wait.max.ms": 10,
            "isolation.level": isolation,
            # Or nothing at all is said at the end of a partition, which looks like a broker that is away.
            "enable.partition.eof": True,
            # Any other answer to an offset that is gone would be another record, taken for the one asked for.
            "auto.offset.reset": "error",
        }
        return self._failures.config(**own)


def _positions(consumer: Consumer, r: OffsetRange) -> list[int]:
    """The reader's position, or nothing before the first record."""
    positions = consumer.position([KafkaTopicPartition(r.topic, r.partition)])
    return [p.offset for p in positions if p.offset >= 0]


def _headers(message: Message) -> Headers:
    """Librdkafka gives a list of pairs; the stubs allow more than it ever returns."""
    pairs: Any = message.headers()
    return list(pairs or ())


def _refused(tp: TopicPartition, message: Message, refusal: Refusal) -> Refused:
    return Refused(
        topic=tp.topic,
        partition=tp.partition,
        offset=message.offset() or 0,
        timestamp=message.timestamp()[1],
        key=message.key(),
        value=message.value(),
        headers=headers_to_text(_headers(message)),
        reasons=refusal.reasons,
        detail=refusal.detail,
        batch=refusal.batch,
    )


def _record_batch(messages: Sequence[Message]) -> pa.RecordBatch:
    headers = [[{"key": k, "value": v} for k, v in _headers(m)] for m in messages]
    return pa.RecordBatch.from_arrays(
        [
            pa.array([m.key() for m in messages], pa.binary()),
            pa.array([m.value() for m in messages], pa.binary()),
            pa.array([m.topic() for m in messages], pa.string()),
            pa.array([m.partition() for m in messages], pa.int32()),
            pa.array([m.offset() for m in messages], pa.int64()),
            pa.array([m.timestamp()[1] for m in messages], pa.int64()),
            pa.array(headers, pa.list_(pa.struct([("key", pa.string()), ("value", pa.binary())]))),
        ],
        names=["key", "value", "topic", "partition", "offset", "timestamp", "headers"],
    )
