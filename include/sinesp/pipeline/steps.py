"""What every step of a batch shares: its name, and the rule for doing it again."""

import hashlib
import json
from enum import StrEnum

from sinesp.adapters.ledger import Entry, Step
from sinesp.domain import counts as cnt
from sinesp.domain.contract import Destination

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


def finished_by_another(entry: Entry, name: StepName, run: str) -> Step | None:
    """The step's record when another run already did it; the same run doing it again means someone asked for it."""
    step = entry.steps.get(name)
    return step if step is not None and step.run != run and is_done(entry, name) else None


def is_done(entry: Entry, name: StepName) -> bool:
    """Whether the step is recorded as done; a lane, for the rows that are staged now."""
    step = entry.steps.get(name)
    return (
        step is not None and step.done and (name is StepName.STAGE or step.detail.get("staged") == staged_digest(entry))
    )


def staged_digest(entry: Entry) -> str:
    """What was staged, in short: staging again gives the same unless compaction took records in the meantime."""
    stage = entry.steps[StepName.STAGE]
    rows = {name: sum(f["rows"] for f in files) for name, files in stage.detail.get("files", {}).items()}
    return hashlib.sha256(json.dumps([cnt.to_json(stage.counts), rows], sort_keys=True).encode()).hexdigest()[:12]


def mean_record_bytes(entry: Entry | None) -> int:
    """Mean size of a value in the batch, a guess when there is none to learn from."""
    stage = entry.steps.get(StepName.STAGE) if entry is not None else None
    read = cnt.total_of(stage.counts).read if stage is not None else 0
    return max(1, stage.detail.get("bytes", 0) // read) if stage is not None and read else _FALLBACK_RECORD_BYTES


def attempts_of(entry: Entry, name: StepName) -> int:
    """How often the step was begun before."""
    step = entry.steps.get(name)
    return 0 if step is None else step.attempts
