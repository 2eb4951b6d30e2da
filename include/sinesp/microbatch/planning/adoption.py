"""Going on with the batch another run left open."""

import logging

from sinesp.domain.offsets import Offsets
from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.model.batch import Batch, BatchKind, Checkpoint, State
from sinesp.microbatch.model.modes import Mode
from sinesp.microbatch.model.steps import Entry
from sinesp.microbatch.planning.request import PlanRequest
from sinesp.microbatch.settled import is_in_kafka, is_settled

log = logging.getLogger(__name__)


def open_entry(checkpoint: Checkpoint, ledger: Ledger) -> Entry | None:
    """The open batch, if there is one."""
    return ledger.find(checkpoint.open_batch) if checkpoint.open_batch else None


def is_wanted(batch: Batch, request: PlanRequest, checkpoint: Checkpoint, edits: Offsets) -> bool:
    """Whether the open batch is what this run would do: nobody edited a Variable since, nor asks for `initial` now."""
    # A retry goes on with the `initial` of its own run; that of another run began before this one was asked for.
    own_initial = batch.kind is BatchKind.INITIAL and batch.run == request.run
    return batch.found == {**checkpoint.offsets, **edits} and (request.mode != Mode.INITIAL or own_initial)


def can_be_finished(entry: Entry, broker: KafkaOffsets) -> bool:
    """Whether the batch's rows are written, or staged, or still in Kafka."""
    return is_settled(entry) or is_in_kafka(entry.batch, broker)


def adopt(entry: Entry, broker: KafkaOffsets, ledger: Ledger) -> Batch | None:
    """The open batch, the same ranges under the same id; None when what it has still to read is no longer there."""
    batch = entry.batch
    if not can_be_finished(entry, broker):
        log.warning("Log - O lote aberto %s não pode mais ser lido do Kafka; replanejando", batch.id)
        return None
    log.info("Log - Lote aberto %s adotado: mesmas faixas, mesmo id", batch.id)
    close_replaced(batch, ledger)
    return batch


def close_replaced(successor: Batch, ledger: Ledger) -> None:
    """Mark what `successor` took the place of, and what a crash left unmarked before that."""
    replaced = ledger.find(successor.replaces) if successor.replaces not in {"", successor.id} else None
    if replaced is not None and replaced.state is State.PLANNED:
        close_replaced(replaced.batch, ledger)
        ledger.close(replaced.batch, State.ABANDONED, f"substituído por {successor.id}", {})
