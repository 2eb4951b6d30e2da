"""What planning and committing a batch work on: the fence and everything that follows it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from sinesp.clients.cassandra import CassandraSession
from sinesp.microbatch.adapters.consumer_group import ConsumerGroup
from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.adapters.staging import Staging
from sinesp.microbatch.model.batch import Batch
from sinesp.microbatch.model.staged import StagedBatch


class CheckpointMirror(Protocol):
    """Where operators see and edit the checkpoint: Airflow Variables, or nowhere (command line)."""

    @property
    def topics(self) -> tuple[str, ...]:
        """Topics whose checkpoint is shown."""

    def read(self, topic: str) -> str | None:
        """Text of the topic's Variable; None when missing."""

    def write(self, topic: str, text: str) -> None:
        """Replace it."""


class NoMirror:
    """The command line without Airflow: the ledger alone is the checkpoint, and the next Airflow run follows it."""

    topics: tuple[str, ...] = ()

    def read(self, topic: str) -> str | None:
        """No topic is shown, so none is asked for."""
        raise LookupError(topic)

    def write(self, topic: str, text: str) -> None:
        """No topic is shown, so none is written."""
        raise LookupError(topic, text)


class AcceptedRecords(Protocol):
    """Where every accepted record is kept for ever (`lake.add_batch.Lake`)."""

    def examine(self, staged: StagedBatch, /) -> None:
        """Look whether it could be added.

        Raises:
            DataError: a file is gone, or not what was staged.
        """

    def add(self, batch: Batch, staged: StagedBatch, refused: Collection[tuple[str, int, int]], /) -> None:
        """Add what it does not hold yet of a committed batch, but for staged records that were refused."""


@dataclass(frozen=True, slots=True)
class CheckpointPorts:
    """Services of `plan_batch` and `commit_batch`. `group` is what lag tools look at."""

    cassandra: CassandraSession
    ledger: Ledger
    broker: KafkaOffsets
    mirror: CheckpointMirror
    staging: Staging
    group: ConsumerGroup
    lake: AcceptedRecords
