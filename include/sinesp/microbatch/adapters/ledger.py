"""The ledger in Cassandra: batches, the checkpoint row moved by LWT, losses."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sinesp.clients.cassandra import CassandraSession
from sinesp.domain import offsets as positions
from sinesp.domain.errors import DataError, TransientError
from sinesp.microbatch.model import counts as counting
from sinesp.microbatch.model.batch import EMPTY_CHECKPOINT, Batch, Checkpoint, Loss, LossCause, State
from sinesp.microbatch.model.calendar import month_of, months_between
from sinesp.microbatch.model.counts import CountsByPartition
from sinesp.microbatch.model.staged import StagedBatch, WrittenLane
from sinesp.microbatch.model.steps import Entry, Step, StepName

_NO_LIMIT = 2**31 - 1


class Ledger:
    """Reads and writes of one pipeline's ledger. Errors are those of `CassandraSession`."""

    def __init__(self, cassandra: CassandraSession, pipeline: str) -> None:
        self._db = cassandra
        self._pipeline = pipeline

    # checkpoint

    def checkpoint(self) -> Checkpoint:
        """The row that moves, or an empty one when the pipeline never ran."""
        # Through Paxos: a move in flight elsewhere is finished first, so nobody plans from a row about to change.
        rows = self._db.run("checkpoint_read", self._pipeline, serial=True)
        return _checkpoint(rows[0]) if rows else EMPTY_CHECKPOINT

    def ensure_checkpoint(self) -> Checkpoint:
        """The row that moves, created at version 0 when missing: only a row that is there can be compared and set."""
        if self.checkpoint() is EMPTY_CHECKPOINT:
            self._db.applied("checkpoint_create", self._pipeline, datetime.now(UTC))
        return self.checkpoint()

    def open_batch(self, batch: Batch, expected_open: str | None) -> bool:
        """Make `batch` the one open batch of its version; False when another plan was faster."""
        # The version too: a plan older than the last commit may expect no open batch, which is what it would find.
        return self._db.applied("checkpoint_open", batch.id, self._pipeline, batch.base_version, expected_open)

    def move(self, batch: Batch, checkpoint: Checkpoint) -> bool:
        """Move the checkpoint to `checkpoint`; False when the batch is no longer the open one of its version."""
        # The open batch too: the version alone would let a batch commit that another plan has since replaced.
        return self._db.applied(
            "checkpoint_move",
            checkpoint.version,
            json.dumps(positions.to_json(checkpoint.offsets)),
            json.dumps(positions.to_json(checkpoint.high)),
            batch.id,
            json.dumps(dict(checkpoint.topic_ids)),
            self._pipeline,
            batch.base_version,
            batch.id,
        )

    # batches
    #
    # Every write to a batch is conditional, also where the condition always holds: plain writes are ordered by the
    # clock of whoever writes, and a step done on a worker whose clock is ahead could not be taken back by another.

    def record_plan(self, batch: Batch) -> None:
        """Write the immutable plan. Writing the same plan twice changes nothing."""
        # The index first: a batch missing from it would be missing from the proof that no offset was skipped.
        self._db.run("batch_index", self._pipeline, month_of(batch.created_at), batch.created_at, batch.id)
        self._db.run(
            "batch_create", batch.id, self._pipeline, batch.kind.value, batch.as_json(), batch.created_at, batch.run
        )

    def entry(self, batch_id: str) -> Entry:
        """Everything known of one batch.

        Raises:
            DataError: there is no such batch.
        """
        entry = self.find(batch_id)
        if entry is None:
            msg = f"O lote {batch_id} não está no ledger (tb_lotes). Confira o id com `sinesp ledger`."
            raise DataError(msg)
        return entry

    def find(self, batch_id: str) -> Entry | None:
        """Like `entry`, None when there is no such batch."""
        rows = self._db.run("batch_read", batch_id)
        if not rows or rows[0]["plano"] is None:
            return None
        first = rows[0]
        return Entry(
            batch=Batch.from_json(first["plano"]),
            state=State(first["estado"] or State.PLANNED),
            reason=first["motivo"] or "",
            ended_at=_utc(first["encerrado_em"]),
            counts=counting.from_json(first["contagens"] or "[]"),
            steps={row["etapa"]: _step(row) for row in rows if row["etapa"]},
        )

    def recent(self, limit: int, now: datetime) -> Iterator[Entry]:
        """The newest batches first, at most `limit`, looking back as far as the pipeline has existed."""
        seen: set[str] = set()
        for month in self.months(now):
            for row in self._db.run("batch_list", self._pipeline, month, limit):
                # A plan made twice is listed at both instants under one id: counted twice, it would overlap itself.
                entry = None if row["lote"] in seen else self.find(row["lote"])
                seen.add(row["lote"])
                if entry is not None:
                    yield entry
                if len(seen) >= limit:
                    return

    def months(self, now: datetime) -> tuple[str, ...]:
        """Every month the pipeline has existed in, newest first."""
        rows = self._db.run("checkpoint_read", self._pipeline)
        start = _utc(rows[0]["iniciado_em"]) if rows else None
        return months_between(start or now, now)

    def planned_in(self, month: str) -> frozenset[str]:
        """Ids of the batches planned in a month."""
        return frozenset(row["lote"] for row in self._db.run("batch_list", self._pipeline, month, _NO_LIMIT))

    def close(self, batch: Batch, state: State, reason: str, counts: CountsByPartition) -> None:
        """Write the outcome."""
        self._db.applied("batch_close", state.value, reason, datetime.now(UTC), counting.to_json(counts), batch.id)

    def start_step(self, batch: Batch, step: StepName, run: str, attempts: int) -> None:
        """Note that a step began for the `attempts`-th time; whoever notes the same first is as good."""
        self._db.applied("step_start", run, datetime.now(UTC), attempts, batch.id, step, attempts - 1 or None)

    def finish_step(
        self, batch: Batch, step: StepName, run: str, counts: CountsByPartition, detail: StagedBatch | WrittenLane
    ) -> None:
        """Record a step as done, with what it counted: from here on nobody needs to redo it.

        Raises:
            TransientError: the step was never begun, so somebody emptied the ledger under this run.
        """
        now, counted = datetime.now(UTC), counting.to_json(counts)
        if not self._db.applied("step_done", run, detail.as_json(), counted, now, batch.id, step):
            raise TransientError(f"A etapa {step} do lote {batch.id} sumiu do ledger (tb_lotes) enquanto era feita.")

    def undo_step(self, batch: Batch, step: StepName) -> None:
        """Take back that a step is done: whoever works on the batch next does it again."""
        self._db.applied("step_undo", batch.id, step)

    # losses

    def record_losses(self, batch: Batch) -> None:
        """Write the batch's lost intervals; the key makes repetition harmless."""
        for x in batch.losses:
            self._db.run(
                "loss_insert", self._pipeline, x.topic, x.partition, batch.base_version, x.start, x.until,
                x.cause.value, batch.id, datetime.now(UTC),
            )  # fmt: skip

    def losses(self) -> list[tuple[int, Loss]]:
        """Every lost interval with the checkpoint version it was lost at."""
        rows = self._db.run("loss_list", self._pipeline)
        return [(r["versao"], Loss(r["topico"], r["particao"], r["de"], r["ate"], LossCause(r["causa"]))) for r in rows]


def _checkpoint(row: dict[str, Any]) -> Checkpoint:
    return Checkpoint(
        version=row["versao"],
        offsets=positions.from_json(json.loads(row["offsets"])),
        high=positions.from_json(json.loads(row["alto"])),
        last_batch=row["lote"] or "",
        open_batch=row["lote_aberto"],
        topic_ids=json.loads(row["topicos"]),
    )


def _step(row: dict[str, Any]) -> Step:
    return Step(
        name=row["etapa"],
        done=row["estado_etapa"] == State.DONE,
        run=row["execucao_etapa"] or "",
        detail=None if row["detalhe"] is None else _detail(row["etapa"], row["detalhe"]),
        counts=counting.from_json(row["contagens_etapa"] or "[]"),
        attempts=row["tentativas"] or 0,
        started_at=_utc(row["inicio"]),
        ended_at=_utc(row["fim"]),
    )


def _detail(step: str, text: str) -> StagedBatch | WrittenLane:
    return StagedBatch.from_json(text) if step == StepName.STAGE else WrittenLane.from_json(text)


def _utc(value: datetime | None) -> datetime | None:
    """Cassandra's driver returns naive UTC datetimes."""
    return None if value is None else value.replace(tzinfo=UTC)
