"""The quarantine lane: store a batch's refused records with all their reasons."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from sinesp.domain.offsets import TopicPartition
from sinesp.microbatch.adapters import staging
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.adapters.quarantine_table import QuarantineTable
from sinesp.microbatch.model import counts as counting
from sinesp.microbatch.model.counts import Counts, CountsByPartition
from sinesp.microbatch.model.refused import Refused
from sinesp.microbatch.model.staged import QUARANTINE, StagedBatch, WrittenLane
from sinesp.microbatch.model.steps import StepName
from sinesp.microbatch.settled import staged_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QuarantinePorts:
    """What the lane writes to."""

    ledger: Ledger
    table: QuarantineTable


def quarantine_lane(ports: QuarantinePorts, batch_id: str, run: str) -> CountsByPartition:
    """Store the refused records of the batch; repeating changes nothing and no Spark is needed."""
    entry = ports.ledger.entry(batch_id)
    known = entry.finished_by_another(StepName.QUARANTINE, run)
    if known is not None:
        return known.counts
    staged = staged_of(entry)
    done = entry.steps.get(StepName.QUARANTINE)
    if done is not None and done.done and not staging.are_there(staged, staged.files_of(QUARANTINE)):
        return done.counts
    ports.ledger.start_step(entry.batch, StepName.QUARANTINE, run, entry.attempts_of(StepName.QUARANTINE) + 1)
    parts: list[CountsByPartition] = []
    for records in _refused_records(staged, batch_id):
        ports.table.store(records)
        parts += [{TopicPartition(r.topic, r.partition): Counts(quarantined=1)} for r in records]
    counts = counting.add_up(parts)
    lane = WrittenLane(staged.rows_of(QUARANTINE), entry.staged_digest)
    ports.ledger.finish_step(entry.batch, StepName.QUARANTINE, run, counts, lane)
    if counts:
        reasons = dict(staged.reasons)
        log.warning("Log - %d registros em quarentena (tb_quarentena), por motivo: %s", len(parts), reasons)
    return counts


def _refused_records(staged: StagedBatch, batch_id: str) -> Iterator[list[Refused]]:
    for table in staging.read_groups(staged.url, staging.row_groups(staged.files_of(QUARANTINE))):
        rows = table.to_pylist()
        yield [Refused(**{**row, "reasons": tuple(row["reasons"].split(",")), "batch": batch_id}) for row in rows]
