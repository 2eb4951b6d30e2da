"""The quarantine lane: store a batch's refused records with all their reasons."""

import logging

from sinesp.adapters import staging
from sinesp.adapters.ledger import Ledger
from sinesp.adapters.quarantine import Quarantine
from sinesp.adapters.staging import StagedFile
from sinesp.domain import counts as cnt
from sinesp.domain.counts import Counts, CountsByPartition
from sinesp.domain.offsets import TopicPartition
from sinesp.domain.quarantine import Refused
from sinesp.pipeline.insert import staged_files
from sinesp.pipeline.stage import QUARANTINE_FILES
from sinesp.pipeline.steps import StepName, attempts_of, finished_by_another, staged_digest

log = logging.getLogger(__name__)


def quarantine_lane(batch_id: str, run: str, ledger: Ledger, quarantine: Quarantine) -> CountsByPartition:
    """Store the refused records of the batch; repeating changes nothing and no Spark is needed."""
    entry = ledger.entry(batch_id)
    known = finished_by_another(entry, StepName.QUARANTINE, run)
    if known is not None:
        return known.counts
    staged = staged_files(entry.steps.get(StepName.STAGE), batch_id)
    files = [StagedFile(**f) for f in staged["files"].get(QUARANTINE_FILES, [])]
    done = entry.steps.get(StepName.QUARANTINE)
    if done is not None and done.done and not staging.exists(staged["url"]):
        return done.counts
    ledger.start_step(entry.batch, StepName.QUARANTINE, run, attempts_of(entry, StepName.QUARANTINE) + 1)
    parts: list[CountsByPartition] = []
    for table in staging.read_groups(staged["url"], [(f.path, g) for f in files for g in range(f.groups)]):
        rows = table.to_pylist()
        records = [Refused(**{**row, "reasons": tuple(row["reasons"].split(",")), "batch": batch_id}) for row in rows]
        quarantine.store(records)
        parts += [{TopicPartition(r.topic, r.partition): Counts(quarantined=1)} for r in records]
    counts = cnt.add_up(parts)
    ledger.finish_step(
        entry.batch, StepName.QUARANTINE, run, counts, {"reasons": staged["reasons"], "staged": staged_digest(entry)}
    )
    if counts:
        log.warning("Log - %d registros em quarentena (tb_quarentena), por motivo: %s", len(parts), staged["reasons"])
    return counts
