"""The quarantine lane: store a batch's refused records with all their reasons."""

import logging

from sinesp.adapters import staging
from sinesp.adapters.ledger import Ledger
from sinesp.adapters.quarantine_table import Quarantine
from sinesp.domain import counts as cnt
from sinesp.domain.counts import Counts, CountsByPartition
from sinesp.domain.offsets import TopicPartition
from sinesp.domain.refused import Refused
from sinesp.domain.staged import QUARANTINE, WrittenLane
from sinesp.domain.steps import StepName
from sinesp.pipeline.insert_lane import staged_of

log = logging.getLogger(__name__)


def quarantine_lane(batch_id: str, run: str, ledger: Ledger, quarantine: Quarantine) -> CountsByPartition:
    """Store the refused records of the batch; repeating changes nothing and no Spark is needed."""
    entry = ledger.entry(batch_id)
    known = entry.finished_by_another(StepName.QUARANTINE, run)
    if known is not None:
        return known.counts
    staged = staged_of(entry)
    done = entry.steps.get(StepName.QUARANTINE)
    if done is not None and done.done and not staging.exists(staged.url):
        return done.counts
    ledger.start_step(entry.batch, StepName.QUARANTINE, run, entry.attempts_of(StepName.QUARANTINE) + 1)
    parts: list[CountsByPartition] = []
    for table in staging.read_groups(
        staged.url, [(f.path, g) for f in staged.files_of(QUARANTINE) for g in range(f.groups)]
    ):
        rows = table.to_pylist()
        records = [Refused(**{**row, "reasons": tuple(row["reasons"].split(",")), "batch": batch_id}) for row in rows]
        quarantine.store(records)
        parts += [{TopicPartition(r.topic, r.partition): Counts(quarantined=1)} for r in records]
    counts = cnt.add_up(parts)
    lane = WrittenLane(staged.rows_of(QUARANTINE), entry.staged_digest)
    ledger.finish_step(entry.batch, StepName.QUARANTINE, run, counts, lane)
    if counts:
        log.warning(
            "Log - %d registros em quarentena (tb_quarentena), por motivo: %s", len(parts), dict(staged.reasons)
        )
    return counts
