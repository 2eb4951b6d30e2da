"""Kafka for planning: offsets, timestamps, topic identities, the mirrored consumer group. Rows are read by Spark."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, Message, TopicCollection
from confluent_kafka import TopicPartition as KafkaTopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # re-exported without saying so
    AdminClient,
    ConfigResource,
    OffsetSpec,
    ResourceType,
)
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from sinesp.domain.errors import ConfigurationError, TransientError
from sinesp.domain.offsets import OffsetRange, Offsets, TopicPartition
from sinesp.domain.refused import Refused
from sinesp.domain.retention import Retention

TIMEOUT_SECONDS = 10.0
_CLOCK_STEP_SECONDS = 0.003
"""Long enough for the broker's millisecond clock to have left the millisecond of a timestamp already seen."""

_READ_MESSAGES = 5_000
_LEADER_SECONDS = 0.1
_LEADER_CHANGED = {
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError.OFFSET_NOT_AVAILABLE,
}

_JAVA_NAMES = {
    "security.protocol": "security.protocol",
    "sasl.mechanism": "sasl.mechanism",
    "sasl.mechanisms": "sasl.mechanism",
    "ssl.endpoint.identification.algorithm": "ssl.endpoint.identification.algorithm",
    "client.id": "client.id",
}


@dataclass(frozen=True, slots=True)
class KafkaEndpoint:
    """librdkafka client settings; only `bootstrap.servers` ever appears in `repr`."""

    bootstrap: str
    security: Mapping[str, str] = field(default_factory=dict, repr=False)

    def librdkafka(self) -> dict[str, Any]:
        """Settings for confluent-kafka clients."""
        return {"bootstrap.servers": self.bootstrap, **self.security}

    def spark_options(self) -> dict[str, str]:
        """The same endpoint as options of Spark's Kafka source (Java client names, prefix `kafka.`)."""
        java = {_JAVA_NAMES[k]: str(v) for k, v in self.security.items() if k in _JAVA_NAMES}
        if "sasl.username" in self.security:
            module = (
                "org.apache.kafka.common.security.scram.ScramLoginModule"
                if "SCRAM" in java.get("sasl.mechanism", "")
                else "org.apache.kafka.common.security.plain.PlainLoginModule"
            )
            user, password = (json.dumps(self.security[k]) for k in ("sasl.username", "sasl.password"))
            java["sasl.jaas.config"] = f"{module} required username={user} password={password};"
        if "ssl.ca.location" in self.security:
            java |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": self.security["ssl.ca.location"]}
        return {"kafka.bootstrap.servers": self.bootstrap} | {f"kafka.{k}": v for k, v in java.items()}


class KafkaOffsets:
    """Questions about offsets, each answered by the broker at the time of the call.

    Raises (any method):
        TransientError: the broker does not answer in time.
        ConfigurationError: a topic is missing or is not what the contract says.
    """

    def __init__(self, endpoint: KafkaEndpoint, timeout: float = TIMEOUT_SECONDS) -> None:
        self._endpoint = endpoint
        self._timeout = timeout
        self._admin = AdminClient({**endpoint.librdkafka(), "log_level": 0})

    def partitions(self, topics: Sequence[str]) -> list[TopicPartition]:
        """Every partition of the topics.

        Raises:
            ConfigurationError: a topic does not exist, with the line that creates it.
        """
        try:
            known = self._admin.list_topics(timeout=self._timeout).topics
        except KafkaException as error:
            raise self._away(error) from error
        missing = [t for t in topics if t not in known]
        if missing:
            msg = (
                f"Tópico ausente no Kafka em {self._endpoint.bootstrap}: {', '.join(missing)}. "
                "Rode a DAG sinesp_schema (ou `sinesp schema`), que cria os tópicos."
            )
            raise ConfigurationError(msg)
        return sorted(TopicPartition(t, p) for t in topics for p in known[t].partitions)

    def topic_ids(self, topics: Sequence[str]) -> dict[str, str]:
        """The broker's identity of each topic: it changes when a topic is deleted and created again."""
        described = self._wait_all(
            self._admin.describe_topics(TopicCollection(list(topics)), request_timeout=self._timeout)
        )
        return {name: str(found.topic_id) for name, found in described.items()}

    def check_timestamps(self, topics: Sequence[str]) -> None:
        """Insist on LogAppendTime: the write order of rows is the order of the broker's timestamps.

        Raises:
            ConfigurationError: a topic is missing, or keeps the producers' time, with the command that changes it.
        """
        self.partitions(topics)
        resources = [ConfigResource(ResourceType.TOPIC, t) for t in topics]
        found = self._wait_all(self._admin.describe_configs(resources, request_timeout=self._timeout))
        wrong = [r.name for r, config in found.items() if config["message.timestamp.type"].value != "LogAppendTime"]
        if wrong:
            msg = (
                f"Tópico com message.timestamp.type diferente de LogAppendTime: {', '.join(wrong)}. A ordem das versões de uma linha "
                "depende do relógio do broker. Altere com: kafka-configs.sh --alter --entity-type topics --entity-name <tópico> "
                "--add-config message.timestamp.type=LogAppendTime"
            )
            raise ConfigurationError(msg)

    def retention(self, topics: Sequence[str]) -> dict[str, Retention]:
        """What each topic keeps; a topic that is only compacted deletes nothing by age or size."""
        resources = [ConfigResource(ResourceType.TOPIC, t) for t in topics]
        found = self._wait_all(self._admin.describe_configs(resources, request_timeout=self._timeout))
        return {
            r.name: _retention({name: str(entry.value) for name, entry in config.items()})
            for r, config in found.items()
        }

    def earliest(self, partitions: Iterable[TopicPartition]) -> Offsets:
        """First offset still there."""
        return {tp: r.offset for tp, r in self._list(partitions, OffsetSpec.earliest()).items()}

    def latest(self, partitions: Iterable[TopicPartition]) -> Offsets:
        """Next offset to be written, as a read_committed reader sees it (last stable offset)."""
        return {tp: r.offset for tp, r in self._list(partitions, OffsetSpec.latest()).items()}

    def closed_ends(self, partitions: Iterable[TopicPartition]) -> Offsets:
        """Latest offsets that do not split a millisecond.

        Two records of one id in the same millisecond carry the same write timestamp, so Cassandra could not tell which is
        newer; a range must therefore end where a millisecond ends, and that millisecond must be over. See docs/decisions.
        """
        partitions = list(partitions)
        written = self._list(partitions, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED)
        newest = {
            tp: r.timestamp for tp, r in self._list(partitions, OffsetSpec.max_timestamp()).items() if r.timestamp >= 0
        }
        time.sleep(_CLOCK_STEP_SECONDS)
        ends = self.latest(partitions)
        after = self.at_times({tp: ts + 1 for tp, ts in newest.items()})
        closed = {tp: min(ends[tp], after.get(tp, ends[tp])) for tp in partitions}
        return closed | self._before_open_transactions(
            {tp: o for tp, o in closed.items() if ends[tp] < written[tp].offset}
        )

    def _before_open_transactions(self, ends: Offsets) -> Offsets:
        """An open transaction may begin in the millisecond of the record before it: end where that millisecond begins."""
        messages = self._read_one_each(ends, isolation="read_uncommitted")
        begun = self.at_times({tp: message.timestamp()[1] for tp, message in messages.items()})
        return {tp: min(o, begun.get(tp, o)) for tp, o in ends.items()}

    def at_times(self, times: Mapping[TopicPartition, int]) -> Offsets:
        """First offset whose timestamp is not before the given instant (ms since epoch, UTC); absent when there is none."""
        if not times:
            return {}
        asked = {KafkaTopicPartition(tp.topic, tp.partition): OffsetSpec.for_timestamp(ms) for tp, ms in times.items()}
        found = self._ask(asked, IsolationLevel.READ_UNCOMMITTED)
        return {tp: r.offset for tp, r in found.items() if r.offset >= 0}

    def align(self, cuts: Mapping[TopicPartition, tuple[int, int]]) -> Offsets:
        """Move each cut (start, until) to the end of a millisecond: back if something is left, else forward."""
        if not cuts:
            return {}
        stamps = self.timestamps_at({tp: until for tp, (_, until) in cuts.items()})
        back = self.at_times(stamps)
        stuck = {tp: stamps[tp] + 1 for tp in stamps if back.get(tp, 0) <= cuts[tp][0]}
        forward = self.at_times(stuck)
        ends = self.closed_ends(stuck) if stuck else {}
        aligned = {tp: until for tp, (_, until) in cuts.items()}
        aligned |= {tp: back[tp] for tp in stamps if tp not in stuck and tp in back}
        return aligned | {tp: min(forward.get(tp, ends[tp]), ends[tp]) for tp in stuck}

    def timestamps_at(self, offsets: Offsets) -> dict[TopicPartition, int]:
        """Timestamp (ms) of the first record at or after each offset; absent when there is none."""
        return {tp: message.timestamp()[1] for tp, message in self._read_one_each(offsets).items()}

    def mirror(self, group: str, offsets: Offsets) -> None:
        """Commit the checkpoint to a consumer group so that ordinary lag tools see it.

        By a consumer: a connection lost while the admin client does it ends the whole process (librdkafka's issue 4605).
        """
        if not offsets:
            return
        # An unknown coordinator is waited for as long as a session lasts, an answer as long as a socket does.
        timeouts = dict.fromkeys(("session.timeout.ms", "socket.timeout.ms"), int(self._timeout * 1000))
        consumer = Consumer(
            {**self._endpoint.librdkafka(), **timeouts, "group.id": group, "enable.auto.commit": False, "log_level": 0}
        )
        try:
            parts = [KafkaTopicPartition(tp.topic, tp.partition, offset) for tp, offset in sorted(offsets.items())]
            answer = consumer.commit(offsets=parts, asynchronous=False) or []
        except KafkaException as error:
            raise self._away(error) from error
        finally:
            consumer.close()
        # A refused partition is no exception to librdkafka: it is told in the answer.
        errors = {str(p.error) for p in answer if p.error}
        if errors:
            raise TransientError(
                f"Kafka em {self._endpoint.bootstrap} não aceitou os offsets do grupo {group}: {'; '.join(errors)}"
            )

    def read_refused(
        self, topic: str, partition: int, offset: int, reasons: tuple[str, ...], detail: str, batch: str
    ) -> Refused | None:
        """Read one record again with its raw bytes, to be quarantined; None when retention or compaction has taken it since.

        Raises:
            TransientError: it does not arrive.
        """
        tp = TopicPartition(topic, partition)
        if offset < self.earliest([tp])[tp]:
            return None
        message = self._read_one(tp, offset)
        if message is None or message.offset() != offset:
            return None
        headers = json.dumps([[k, None if v is None else v.hex()] for k, v in _headers(message)])
        return Refused(
            topic,
            partition,
            offset,
            message.timestamp()[1],
            message.key(),
            message.value(),
            headers,
            reasons,
            detail,
            batch,
        )

    def read_batches(self, ranges: Sequence[OffsetRange]) -> Iterator[pa.RecordBatch]:
        """The ranges' records in Spark's shape, without Spark (for `verify`); bounded memory, one batch at a time.

        Raises:
            TransientError: records stop arriving before the end of a range.
        """
        for r in ranges:
            if r.until > r.start:
                yield from self._read_range(r)

    def _read_range(self, r: OffsetRange) -> Iterator[pa.RecordBatch]:
        consumer = Consumer(self._reader_config())
        try:
            consumer.assign([KafkaTopicPartition(r.topic, r.partition, r.start)])
            position = r.start
            while position < r.until:
                # Not more than is left: the call waits for as many as it is asked for.
                messages = consumer.consume(min(_READ_MESSAGES, r.until - position), timeout=self._timeout / 4)
                position = max([position, *_positions(consumer, r)])
                rows = [m for m in messages if not m.error() and (m.offset() or 0) < r.until]
                if not messages and position < r.until:
                    raise TransientError(
                        f"Kafka em {self._endpoint.bootstrap} parou de entregar {r.tp} no offset {position}"
                    )
                if rows:
                    yield _record_batch(rows)
        finally:
            consumer.close()

    def _reader_config(self, isolation: str = "read_committed") -> dict[str, Any]:
        return {
            **self._endpoint.librdkafka(), "group.id": "sinesp-plan", "enable.auto.commit": False, "log_level": 0,
            "fetch.wait.max.ms": 10, "isolation.level": isolation, "enable.partition.eof": True, "auto.offset.reset": "error",
        }  # fmt: skip

    def _read_one_each(self, offsets: Offsets, isolation: str = "read_committed") -> dict[TopicPartition, Message]:
        """First record at or after each offset; absent where there is none.

        A consumer for each: one for all would fetch a megabyte of every partition, ten of them unpacked, and C's allocator keeps
        that in every thread that ever did it.
        """
        found = ((tp, self._read_one(tp, offset, isolation)) for tp, offset in offsets.items())
        return {tp: message for tp, message in found if message is not None}

    def _read_one(self, tp: TopicPartition, offset: int, isolation: str = "read_committed") -> Message | None:
        # The broker always gives the first batch of records whole, however small the limit.
        consumer = Consumer(
            {**self._reader_config(isolation), "fetch.message.max.bytes": 1024, "queued.min.messages": 1}
        )
        try:
            # By assignment: a subscription would wait for the group.
            consumer.assign([KafkaTopicPartition(tp.topic, tp.partition, offset)])
            message = consumer.poll(self._timeout)
        finally:
            consumer.close()
        if message is None:
            raise TransientError(
                f"Kafka em {self._endpoint.bootstrap} não entregou o registro de {tp} a partir do offset {offset}"
            )
        return None if message.error() else message

    def _list(
        self,
        partitions: Iterable[TopicPartition],
        spec: OffsetSpec,
        isolation: IsolationLevel = IsolationLevel.READ_COMMITTED,
    ) -> dict[TopicPartition, Any]:
        asked = {KafkaTopicPartition(tp.topic, tp.partition): spec for tp in partitions}
        return self._ask(asked, isolation) if asked else {}

    def _ask(
        self, asked: Mapping[KafkaTopicPartition, OffsetSpec], isolation: IsolationLevel
    ) -> dict[TopicPartition, Any]:
        """Answers by partition; one whose leader has just changed is asked again, which the client does not do by itself."""

        def answers() -> dict[Any, Any]:
            return self._wait_all(
                self._admin.list_offsets({**asked}, isolation_level=isolation, request_timeout=self._timeout)
            )

        patience = Retrying(
            retry=retry_if_exception(_leader_changed),
            stop=stop_after_delay(self._timeout),
            wait=wait_fixed(_LEADER_SECONDS),
            reraise=True,
        )
        return {TopicPartition(k.topic, k.partition): r for k, r in patience(answers).items()}

    def _wait_all(self, futures: Mapping[Any, "Future[Any]"]) -> dict[Any, Any]:
        try:
            return {key: future.result(timeout=self._timeout) for key, future in futures.items()}
        except (KafkaException, TimeoutError) as error:
            raise self._away(error) from error

    def _away(self, error: Exception) -> TransientError:
        return TransientError(
            f"Kafka não responde em {self._endpoint.bootstrap}. Verifique se o broker está no ar e se o endereço "
            f"(KAFKA_BROKER ou a Connection kafka_default) está certo. ({error})"
        )


def _leader_changed(error: BaseException) -> bool:
    cause = error.__cause__
    return isinstance(cause, KafkaException) and cause.args[0].code() in _LEADER_CHANGED


def _retention(config: Mapping[str, str]) -> Retention:
    if "delete" not in config["cleanup.policy"]:
        return Retention(None, None)
    age, size = int(config["retention.ms"]), int(config["retention.bytes"])
    return Retention(age if age >= 0 else None, size if size >= 0 else None)


def _headers(message: Message) -> list[tuple[str, bytes | None]]:
    """Librdkafka gives a list of pairs; the stubs allow more than it ever returns."""
    found: Any = message.headers()
    return list(found or ())


def _positions(consumer: Consumer, r: OffsetRange) -> list[int]:
    found = consumer.position([KafkaTopicPartition(r.topic, r.partition)])
    return [p.offset for p in found if p.offset >= 0]


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
