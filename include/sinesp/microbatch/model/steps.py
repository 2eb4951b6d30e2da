"""The steps of a batch, and a batch as the ledger knows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sinesp.domain.contract import Destination
from sinesp.microbatch.model.batch import Batch, State
from sinesp.microbatch.model.counts import CountsByPartition, total_of
from sinesp.microbatch.model.staged import StagedBatch, WrittenLane

_FALLBACK_RECORD_BYTES = 1024


class StepName(StrEnum):
    """Steps recorded in the ledger; also the Airflow task ids."""

    STAGE = "stage_batch"
    INSERT_MUNICIPIO = "insert_municipio"
    INSERT_ESTADO = "insert_estado"
    INSERT_GERAL = "insert_geral"
    QUARANTINE = "quarantine"


LANES = (StepName.INSERT_MUNICIPIO, StepName.INSERT_ESTADO, StepName.INSERT_GERAL, StepName.QUARANTINE)


def lane_of(destination: Destination) -> StepName:
    """The lane that writes a destination."""
    return StepName(f"insert_{destination.value}")


@dataclass(frozen=True, slots=True)
class Step:
    """What a step of a batch recorded about itself; times are UTC. `detail` is None until it is done."""

    name: str
    done: bool
    run: str
    detail: StagedBatch | WrittenLane | None
    counts: CountsByPartition
    attempts: int
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A batch as the ledger knows it."""

    batch: Batch
    state: State
    reason: str
    ended_at: datetime | None
    counts: CountsByPartition
    steps: Mapping[str, Step]

    @property
    def staged(self) -> StagedBatch | None:
        """What is staged now; None before `stage_batch` is done."""
        step = self.steps.get(StepName.STAGE)
        return step.detail if step is not None and step.done and isinstance(step.detail, StagedBatch) else None

    @property
    def staged_digest(self) -> str:
        """Digest of what is staged now, empty before."""
        return "" if self.staged is None else self.staged.digest(self.steps[StepName.STAGE].counts)

    def is_done(self, name: StepName) -> bool:
        """Whether the step is recorded as done; a lane, for the rows that are staged now."""
        step = self.steps.get(name)
        if step is None or not step.done:
            return False
        # Staging again may give other rows (compaction): a lane done for the former ones has not written these.
        return name is StepName.STAGE or (
            isinstance(step.detail, WrittenLane) and step.detail.staged == self.staged_digest
        )

    @property
    def is_written(self) -> bool:
        """Whether every lane is done for the rows that are staged now."""
        return all(self.is_done(lane) for lane in LANES)

    @property
    def refused(self) -> tuple[tuple[str, int, int], ...]:
        """Topic, partition and offset of the staged records that Cassandra refused."""
        details = [step.detail for step in self.steps.values()]
        return tuple(r for d in details if isinstance(d, WrittenLane) for r in d.refused)

    def finished_by_another(self, name: StepName, run: str) -> Step | None:
        """The step's record when another run already did it; the same run doing it again means someone asked for it."""
        step = self.steps.get(name)
        return step if step is not None and step.run != run and self.is_done(name) else None

    def attempts_of(self, name: StepName) -> int:
        """How often the step was begun before."""
        step = self.steps.get(name)
        return 0 if step is None else step.attempts

    @property
    def mean_record_bytes(self) -> int:
        """Mean size of the batch's values; a guess when it read none."""
        read = total_of(self.steps[StepName.STAGE].counts).read if self.staged is not None else 0
        return max(1, self.staged.size // read) if self.staged is not None and read else _FALLBACK_RECORD_BYTES


def mean_record_bytes(entry: Entry | None) -> int:
    """Mean size of a batch's values; a guess when there is no batch to learn from."""
    return _FALLBACK_RECORD_BYTES if entry is None else entry.mean_record_bytes
