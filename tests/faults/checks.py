"""What must hold whenever nothing is running: one truth in ledger, Variables and consumer group, and no gap in it."""

from datetime import UTC, datetime

from sinesp.domain.contract import TOPICS
from sinesp.domain.offsets import Offsets, TopicPartition
from sinesp.microbatch.audit import find_gaps
from sinesp.microbatch.model.steps import Entry
from tests.faults.kafka import group_offsets
from tests.pipeline import Pipeline


def entries(pipeline: Pipeline) -> list[Entry]:
    """Every batch of the ledger, newest first."""
    return list(pipeline.ledger.recent(100_000, datetime.now(UTC)))


def variables(pipeline: Pipeline) -> Offsets:
    """The checkpoint as operators see it."""
    return {TopicPartition(t, p): o for t in TOPICS for p, o in pipeline.variables.offsets(t).items()}


def gaps(pipeline: Pipeline) -> list[str]:
    """What `sinesp ledger --check` reports."""
    return find_gaps(entries(pipeline), pipeline.ledger.losses())


def assert_sound(pipeline: Pipeline) -> None:
    """The ledger tiles every partition; Variables and consumer group are where the checkpoint is."""
    assert gaps(pipeline) == []
    assert variables(pipeline) == pipeline.offsets == group_offsets(pipeline)
