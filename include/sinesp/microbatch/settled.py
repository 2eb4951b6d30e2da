"""What became of a batch's rows: whether they still need Kafka, and what its lanes write."""

from sinesp.domain.contract import TOPICS
from sinesp.domain.errors import DataError
from sinesp.microbatch.adapters import staging
from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets
from sinesp.microbatch.model.batch import Batch
from sinesp.microbatch.model.staged import StagedBatch
from sinesp.microbatch.model.steps import Entry


def is_settled(entry: Entry) -> bool:
    """Whether the batch's rows are staged and still there, or written: then it can end whatever Kafka has lost."""
    staged = entry.staged
    return staged is not None and (staging.are_there(staged, staged.all_files) or entry.is_written)


def is_in_kafka(batch: Batch, broker: KafkaOffsets) -> bool:
    """Whether every record of the batch can still be read.

    Raises:
        TransientError: the broker does not answer.
    """
    # A topic made anew may hold the same offsets: other records would be read under the plan of the old ones.
    if broker.topic_ids(TOPICS) != dict(batch.topic_ids):
        return False
    earliest = broker.earliest(r.tp for r in batch.ranges)
    return all(earliest[r.tp] <= r.start for r in batch.ranges)


def staged_of(entry: Entry) -> StagedBatch:
    """What the batch's lanes write.

    Raises:
        DataError: the batch was not staged.
    """
    if entry.staged is None:
        msg = f"O lote {entry.batch.id} ainda não foi preparado: rode a tarefa stage_batch antes desta."
        raise DataError(msg)
    return entry.staged
