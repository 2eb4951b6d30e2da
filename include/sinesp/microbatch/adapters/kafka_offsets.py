"""What Kafka holds of the topics: their partitions and identities, where each begins and ends, what retention keeps."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from confluent_kafka import IsolationLevel
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]  # re-exported without saying so

from sinesp.clients.kafka_admin import KafkaAdmin
from sinesp.domain.errors import ConfigurationError, TransientError
from sinesp.domain.offsets import Offsets, TopicPartition
from sinesp.microbatch.adapters.kafka_records import KafkaRecords
from sinesp.microbatch.model.retention import Retention

_CLOCK_STEP_SECONDS = 0.003
"""Long enough for the broker's millisecond clock to have left the millisecond of a timestamp already seen."""


class KafkaOffsets:
    """Questions about offsets, each answered by the broker at the time of the call.

    Raises (any method):
        TransientError: the broker does not answer in time.
        ConfigurationError: a topic is missing or is not what the contract says.
    """

    def __init__(self, admin: KafkaAdmin) -> None:
        self._admin = admin
        self._records = KafkaRecords(admin)

    def partitions(self, topics: Sequence[str]) -> list[TopicPartition]:
        """Every partition of the topics.

        Raises:
            ConfigurationError: a topic does not exist, with the line that creates it.
        """
        known = self._admin.partitions()
        missing = [t for t in topics if t not in known]
        if missing:
            msg = (
                f"Tópico ausente no Kafka em {self._admin.endpoint.bootstrap}: {', '.join(missing)}. "
                "Rode a DAG sinesp_schema (ou `sinesp schema`), que cria os tópicos."
            )
            raise ConfigurationError(msg)
        return sorted(TopicPartition(t, p) for t in topics for p in known[t])

    def topic_ids(self, topics: Sequence[str]) -> dict[str, str]:
        """The broker's identity of each topic: it changes when a topic is deleted and created again."""
        return self._admin.topic_ids(topics)

    def check_timestamps(self, topics: Sequence[str]) -> None:
        """Insist on LogAppendTime: the write order of rows is the order of the broker's timestamps.

        Raises:
            ConfigurationError: a topic is missing, or keeps the producers' time, with the command that changes it.
        """
        # First: the settings of a topic that is missing are an error that reads like a broker that is away.
        self.partitions(topics)
        configs = self._admin.configs(topics)
        wrong = [topic for topic, config in configs.items() if config["message.timestamp.type"] != "LogAppendTime"]
        if wrong:
            msg = (
                f"Tópico com message.timestamp.type diferente de LogAppendTime: {', '.join(wrong)}. "
                "A ordem das versões de uma linha depende do relógio do broker. Altere com: "
                "kafka-configs.sh --alter --entity-type topics --entity-name <tópico> "
                "--add-config message.timestamp.type=LogAppendTime"
            )
            raise ConfigurationError(msg)

    def retention(self, topics: Sequence[str]) -> dict[str, Retention]:
        """What each topic keeps; a topic that is only compacted deletes nothing by age or size."""
        return {topic: _retention(config) for topic, config in self._admin.configs(topics).items()}

    def earliest(self, partitions: Iterable[TopicPartition]) -> Offsets:
        """First offset still there."""
        return _bounds(self._admin.list_offsets(dict.fromkeys(partitions, OffsetSpec.earliest())))

    def latest(self, partitions: Iterable[TopicPartition]) -> Offsets:
        """Next offset to be written, as a read_committed reader sees it (last stable offset)."""
        return _bounds(self._admin.list_offsets(dict.fromkeys(partitions, OffsetSpec.latest())))

    def closed_ends(self, partitions: Iterable[TopicPartition]) -> Offsets:
        """Latest offsets that do not split a millisecond.

        Two records of one id in the same millisecond carry the same write timestamp, so Cassandra could not tell which
        is newer; a range must therefore end where a millisecond ends, and that millisecond must be over. See
        docs/decisions.
        """
        partitions = list(partitions)
        # Before the ends: asked after them, records written in between would pass for an open transaction.
        written = self._written_ends(partitions)
        newest = self._newest_timestamps(partitions)
        time.sleep(_CLOCK_STEP_SECONDS)
        # After the wait: an end seen before it could still get more records of its millisecond.
        ends = self.latest(partitions)
        after = self.at_times({tp: ms + 1 for tp, ms in newest.items()})
        closed = {tp: min(ends[tp], after.get(tp, ends[tp])) for tp in partitions}
        held_back = {tp: closed[tp] for tp in partitions if ends[tp] < written[tp]}
        return closed | self._before_open_transactions(held_back)

    def _written_ends(self, partitions: Sequence[TopicPartition]) -> Offsets:
        # Uncommitted: only where more is written than a read_committed reader may see, a transaction is open.
        specs = dict.fromkeys(partitions, OffsetSpec.latest())
        return _bounds(self._admin.list_offsets(specs, IsolationLevel.READ_UNCOMMITTED))

    def _newest_timestamps(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """The highest timestamp (ms), which need not be the last record's; absent where there is no record."""
        answers = self._admin.list_offsets(dict.fromkeys(partitions, OffsetSpec.max_timestamp()))
        return {tp: answer.timestamp for tp, answer in answers.items() if answer.timestamp >= 0}

    def _before_open_transactions(self, ends: Offsets) -> Offsets:
        """An open transaction may begin in the millisecond of the record before it: end where that one begins."""
        messages = self._records.first_at(ends, isolation="read_uncommitted")
        begun = self.at_times({tp: message.timestamp()[1] for tp, message in messages.items()})
        return {tp: min(end, begun.get(tp, end)) for tp, end in ends.items()}

    def at_times(self, times: Mapping[TopicPartition, int]) -> Offsets:
        """First offset whose timestamp is not before the given instant (ms, UTC); absent when there is none."""
        specs = {tp: OffsetSpec.for_timestamp(ms) for tp, ms in times.items()}
        # Uncommitted: the millisecond asked for may have begun inside a transaction that is still open.
        offsets = _offsets(self._admin.list_offsets(specs, IsolationLevel.READ_UNCOMMITTED))
        return {tp: offset for tp, offset in offsets.items() if offset >= 0}

    def align(self, cuts: Mapping[TopicPartition, tuple[int, int]]) -> Offsets:
        """Move each cut (start, until) to the end of a millisecond: back if something is left, else forward."""
        stamps = self.timestamps_at({tp: until for tp, (_, until) in cuts.items()})
        back = self.at_times(stamps)
        # A millisecond may fill the whole range: moved back before it, the batch would be empty, and so the next one.
        stuck = {tp: stamps[tp] + 1 for tp in stamps if back.get(tp, 0) <= cuts[tp][0]}
        aligned = {tp: until for tp, (_, until) in cuts.items()}
        aligned |= {tp: offset for tp, offset in back.items() if tp not in stuck}
        return aligned | self._forward(stuck)

    def _forward(self, times: Mapping[TopicPartition, int]) -> Offsets:
        """Where each next millisecond begins, but no further than what is closed."""
        if not times:  # what is closed costs a wait
            return {}
        forward = self.at_times(times)
        ends = self.closed_ends(times)
        return {tp: min(forward.get(tp, ends[tp]), ends[tp]) for tp in times}

    def timestamps_at(self, offsets: Offsets) -> dict[TopicPartition, int]:
        """Timestamp (ms) of the first record at or after each offset; absent when there is none."""
        return {tp: message.timestamp()[1] for tp, message in self._records.first_at(offsets).items()}


def _offsets(answers: Mapping[TopicPartition, Any]) -> Offsets:
    return {tp: answer.offset for tp, answer in answers.items()}


def _bounds(answers: Mapping[TopicPartition, Any]) -> Offsets:
    """Where partitions begin or end; every partition has both, so a negative number is no answer.

    Raises:
        TransientError: a partition's was negative.
    """
    bounds = _offsets(answers)
    negative = sorted(str(tp) for tp, offset in bounds.items() if offset < 0)
    if negative:
        raise TransientError(
            f"O Kafka não soube dizer onde começam ou terminam: {', '.join(negative)}. Nada foi movido."
        )
    return bounds


def _retention(config: Mapping[str, str]) -> Retention:
    if "delete" not in config["cleanup.policy"]:
        return Retention(None, None)
    age, size = int(config["retention.ms"]), int(config["retention.bytes"])
    return Retention(age if age >= 0 else None, size if size >= 0 else None)
