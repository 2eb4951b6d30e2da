"""One lane: upsert a destination's staged rows with Spark executors, count what Cassandra acknowledged."""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from sinesp.adapters import spark as sp
from sinesp.adapters import staging
from sinesp.adapters.cassandra import CassandraEndpoint, CassandraSession, ReplicaMap
from sinesp.adapters.kafka import KafkaOffsets
from sinesp.adapters.ledger import Ledger
from sinesp.adapters.quarantine_table import Quarantine
from sinesp.adapters.spark import SparkEndpoint
from sinesp.adapters.writer import WriteLimits, write_tables
from sinesp.domain import counts as cnt
from sinesp.domain.contract import KEYSPACE, Destination
from sinesp.domain.counts import Counts, CountsByPartition
from sinesp.domain.errors import DataError, QuarantineLimitError
from sinesp.domain.offsets import TopicPartition
from sinesp.domain.reasons import Reason
from sinesp.domain.refused import Refused
from sinesp.domain.staged import StagedBatch, StagedFile, WrittenLane
from sinesp.domain.steps import Entry, lane_of
from sinesp.pipeline.stage_batch import QuarantineLimit

log = logging.getLogger(__name__)

_ROWS_PER_TASK = 2_000


def insert_lane(
    batch_id: str,
    destination: Destination,
    run: str,
    ledger: Ledger,
    spark: SparkEndpoint,
    cassandra: CassandraSession,
    endpoint: CassandraEndpoint,
    broker: KafkaOffsets,
    limits: WriteLimits,
    limit: QuarantineLimit,
    tasks: int,
) -> CountsByPartition:
    """Write the lane and record it as done; a lane another run finished is left alone, one without rows starts no Spark.

    Repeating is harmless: every cell carries the Kafka record's time as its write time.

    Raises:
        TransientError, ConfigurationError: see `adapters.writer`.
        QuarantineLimitError: Cassandra refused too many of the rows.
    """
    entry = ledger.entry(batch_id)
    name = lane_of(destination)
    known = entry.finished_by_another(name, run)
    if known is not None:
        log.info("Log - %s do batch %s já concluída pela execução %s", name, batch_id, known.run)
        return known.counts
    staged = staged_of(entry)
    files = staged.files_of(destination.value)
    if entry.steps.get(name) and entry.steps[name].done and not staging.exists(staged.url):
        log.info("Log - %s do batch %s já concluída e sem arquivos preparados; nada a refazer", name, batch_id)
        return entry.steps[name].counts
    ledger.start_step(entry.batch, name, run, entry.attempts_of(name) + 1)
    results = _write(files, staged.url, destination, spark, endpoint, cassandra.replica_map(KEYSPACE), limits, tasks)
    counts, refused = _merge(results)
    _quarantine(refused, staged.rows_of(destination.value), batch_id, cassandra, broker, limit)
    lane = WrittenLane(staged.rows_of(destination.value), entry.staged_digest)
    ledger.finish_step(entry.batch, name, run, counts, lane)
    total = cnt.total_of(counts)
    log.info(
        "Log - %s: %d inseridos, %d excluídos, %d recusados",
        destination.table,
        total.inserted,
        total.deleted,
        total.quarantined,
    )
    return counts


def staged_of(entry: Entry) -> StagedBatch:
    """What the batch's lanes write.

    Raises:
        DataError: the batch was not staged.
    """
    if entry.staged is None:
        msg = f"O batch {entry.batch.id} ainda não foi preparado: rode a tarefa stage_batch antes desta."
        raise DataError(msg)
    return entry.staged


def write_groups(
    items: Sequence[tuple[str, int]],
    url: str,
    destination: Destination,
    endpoint: CassandraEndpoint,
    replicas: ReplicaMap,
    limits: WriteLimits,
) -> dict[str, Any]:
    """Body of one Spark task: write the given row groups, return the counts."""
    outcome = write_tables(endpoint, destination, staging.read_groups(url, items), replicas, limits)
    return {
        "inserted": [[*tp, n] for tp, n in outcome.inserted.items()],
        "deleted": [[*tp, n] for tp, n in outcome.deleted.items()],
        "refused": outcome.refused,
    }


def _write(
    files: Sequence[StagedFile],
    url: str,
    destination: Destination,
    spark: SparkEndpoint,
    endpoint: CassandraEndpoint,
    replicas: ReplicaMap,
    limits: WriteLimits,
    tasks: int,
) -> list[dict[str, Any]]:
    rows = sum(f.rows for f in files)
    if rows == 0:
        return []
    bins = staging.share_out(files, min(tasks, -(-rows // _ROWS_PER_TASK)))
    work = partial(write_groups, url=url, destination=destination, endpoint=endpoint, replicas=replicas, limits=limits)
    return sp.run_tasks(sp.open_session(spark), bins, work)


def _merge(results: list[dict[str, Any]]) -> tuple[CountsByPartition, list[dict[str, Any]]]:
    refused = [row for r in results for row in r["refused"]]
    parts: list[CountsByPartition] = []
    for r in results:
        parts += [{TopicPartition(t, p): Counts(inserted=n)} for t, p, n in r["inserted"]]
        parts += [{TopicPartition(t, p): Counts(deleted=n)} for t, p, n in r["deleted"]]
    parts += [
        {TopicPartition(row["topic"], row["partition"]): Counts(quarantined=1)} for row in refused if row["counted"]
    ]
    return cnt.add_up(parts), refused


def _quarantine(
    refused: list[dict[str, Any]],
    rows: int,
    batch_id: str,
    cassandra: CassandraSession,
    broker: KafkaOffsets,
    limit: QuarantineLimit,
) -> None:
    """Store rows Cassandra refused, with their raw bytes read again from Kafka."""
    if limit.exceeded(len(refused), rows):
        msg = (
            f"Cassandra recusou {len(refused)} de {rows} linhas do batch {batch_id}; a primeira: {refused[0]['error']}. "
            "Nenhum offset foi movido."
        )
        raise QuarantineLimitError(msg)
    for row in refused:
        log.error("Log - Erro ao inserir o registro %s: %s", row["id"][:80], row["error"])
    Quarantine(cassandra).store([_with_bytes(row, batch_id, broker) for row in refused])


def _with_bytes(row: dict[str, Any], batch_id: str, broker: KafkaOffsets) -> Refused:
    """The refused record as Kafka has it; what is known of it when Kafka has it no more, so that the batch can end all the same."""
    reasons, where = (Reason.RECUSADO_PELO_CASSANDRA,), (row["topic"], row["partition"], row["offset"])
    found = broker.read_refused(*where, reasons, row["error"], batch_id)
    if found is not None:
        return found
    detail = f"{row['error']} (os bytes originais já não estavam no Kafka)"
    return Refused(*where, row["write_time"] // 1000, row["id"].encode(), None, "[]", reasons, detail, batch_id)
