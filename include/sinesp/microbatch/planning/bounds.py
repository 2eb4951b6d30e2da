"""How much one batch reads."""

import logging
from collections.abc import Mapping

from sinesp.domain.offsets import OffsetRange, Offsets, TopicPartition, share_fairly
from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.model.batch import Checkpoint
from sinesp.microbatch.model.steps import mean_record_bytes
from sinesp.microbatch.planning.request import PlanRequest

log = logging.getLogger(__name__)


def records_allowed(request: PlanRequest, checkpoint: Checkpoint, ledger: Ledger | None) -> int:
    """Records allowed by both bounds; bytes are estimated with the mean size of the last committed batch."""
    last = ledger.find(checkpoint.last_batch) if ledger is not None and checkpoint.last_batch else None
    return max(1, min(request.max_records, request.max_bytes // mean_record_bytes(last)))


def bounded_ranges(
    starts: Offsets, available: Mapping[TopicPartition, int], limit: int, broker: KafkaOffsets
) -> tuple[OffsetRange, ...]:
    """Ranges of at most about `limit` records, shared fairly; a cut moves to where a millisecond ends."""
    shares = share_fairly(available, limit)
    cut = {tp: (starts[tp], starts[tp] + n) for tp, n in shares.items() if n < available[tp]}
    aligned = broker.align(cut)
    untils = {tp: aligned.get(tp, starts[tp] + n) for tp, n in shares.items()}
    _tell_of_excess(sum(until - starts[tp] for tp, until in untils.items()), limit)
    return tuple(OffsetRange(*tp, starts[tp], untils[tp]) for tp in sorted(untils) if untils[tp] > starts[tp])


def _tell_of_excess(records: int, limit: int) -> None:
    if records > limit:
        log.info(
            "Log - O lote tem %d registros, acima do máximo de %d: um milissegundo do Kafka nunca é dividido, e os que "
            "chegaram no mesmo são lidos juntos",
            records,
            limit,
        )
