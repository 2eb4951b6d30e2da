"""One lane: upsert a destination's staged rows with Spark executors, count what Cassandra acknowledged.

Few rows are written by the task itself: Spark's work for a lane costs as much as writing some thousand rows.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from sinesp.clients.cassandra import CassandraEndpoint, CassandraSession
from sinesp.clients.spark import SparkEndpoint, open_session
from sinesp.clients.spark_progress import progress_log
from sinesp.clients.spark_tasks import Deadline, run_tasks
from sinesp.domain.contract import KEYSPACE, Destination
from sinesp.domain.errors import QuarantineLimitError
from sinesp.domain.offsets import TopicPartition
from sinesp.microbatch.adapters import staging
from sinesp.microbatch.adapters.kafka_records import KafkaRecords
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.adapters.quarantine_table import QuarantineTable
from sinesp.microbatch.adapters.write_limits import WriteLimits
from sinesp.microbatch.adapters.writer import Outcome, write_tables, write_tables_over
from sinesp.microbatch.model import counts as counting
from sinesp.microbatch.model.counts import Counts, CountsByPartition
from sinesp.microbatch.model.reasons import Reason
from sinesp.microbatch.model.refused import Refusal, Refused
from sinesp.microbatch.model.staged import StagedFile, WrittenLane
from sinesp.microbatch.model.steps import Entry, lane_of
from sinesp.microbatch.settled import staged_of
from sinesp.microbatch.stage_batch import QuarantineLimit
from sinesp.microbatch.transforms.accepted import lane_rows

log = logging.getLogger(__name__)

_ROWS_PER_TASK = 2_000

Write = Callable[[Iterator[pa.Table]], Outcome]


@dataclass(frozen=True, slots=True)
class Executors:
    """Where and how the rows are written: `tasks` Spark tasks, each with `limits` of its own.

    A lane of at most `alone_rows` rows is written without Spark.
    """

    spark: SparkEndpoint
    cassandra: CassandraEndpoint
    limits: WriteLimits
    tasks: int
    alone_rows: int


@dataclass(frozen=True, slots=True)
class InsertPorts:
    """What a lane reads and writes, and the breaker.

    `cassandra` answers about replicas and writes few rows; many go through `executors`.
    """

    ledger: Ledger
    cassandra: CassandraSession
    executors: Executors
    refusals: "Refusals"


@dataclass(frozen=True, slots=True)
class Refusals:
    """Where rows go that Cassandra refuses, where their bytes come from, and how many are too many."""

    records: KafkaRecords
    table: QuarantineTable
    limit: QuarantineLimit


def insert_lane(ports: InsertPorts, batch_id: str, destination: Destination, run: str) -> CountsByPartition:
    """Write the lane and record it as done; one another run finished is left alone, one without rows starts no Spark.

    Repeating is harmless: every cell carries the Kafka record's time as its write time.

    Raises:
        TransientError, ConfigurationError: see `microbatch.adapters.writer`.
        QuarantineLimitError: Cassandra refused too many of the rows.
    """
    entry, name = ports.ledger.entry(batch_id), lane_of(destination)
    known = _counts_already_known(entry, destination, run)
    if known is not None:
        return known
    staged = staged_of(entry)
    ports.ledger.start_step(entry.batch, name, run, entry.attempts_of(name) + 1)
    results = _write(staged.lane_files(destination), staged.url, destination, ports)
    counts, refused = _merge(results)
    # Before the lane is done: a crash in between would leave records counted as in quarantine that are nowhere.
    _quarantine(refused, staged.lane_rows(destination), batch_id, ports.refusals)
    # The digest read at the start: a lane must not pass for one that wrote what was staged anew while it was writing.
    away = tuple((r["topic"], r["partition"], r["offset"]) for r in refused if r["counted"])
    lane = WrittenLane(staged.lane_rows(destination), entry.staged_digest, away)
    ports.ledger.finish_step(entry.batch, name, run, counts, lane)
    total = counting.total_of(counts)
    log.info(
        "Log - %s: %d inseridos, %d excluídos, %d recusados",
        destination.table,
        total.inserted,
        total.deleted,
        total.quarantined,
    )
    return counts


def _counts_already_known(entry: Entry, destination: Destination, run: str) -> CountsByPartition | None:
    """What the lane counted when it need not, or can no longer, be done again."""
    name = lane_of(destination)
    known = entry.finished_by_another(name, run)
    if known is not None:
        log.info("Log - %s do lote %s já concluída pela execução %s", name, entry.batch.id, known.run)
        return known.counts
    step = entry.steps.get(name)
    # Old batches lose their files: writing again would fail, and a task cleared by mistake stay red for good.
    if step is not None and step.done and not _files_are_there(entry, destination):
        log.info("Log - %s do lote %s já concluída e sem arquivos preparados; nada a refazer", name, entry.batch.id)
        return step.counts
    return None


def _files_are_there(entry: Entry, destination: Destination) -> bool:
    staged = staged_of(entry)
    return staging.are_there(staged, staged.lane_files(destination))


def write_groups(items: Sequence[tuple[str, int]], url: str, write: Write) -> dict[str, Any]:
    """Body of one Spark task: write the given row groups, return the counts."""
    outcome = write(map(lane_rows, staging.read_groups(url, items)))
    return {
        "inserted": [[*tp, n] for tp, n in outcome.inserted.items()],
        "deleted": [[*tp, n] for tp, n in outcome.deleted.items()],
        "refused": outcome.refused,
    }


def _write(files: Sequence[StagedFile], url: str, destination: Destination, ports: InsertPorts) -> list[dict[str, Any]]:
    rows = sum(f.rows for f in files)
    # A lane is often idle: it must neither pay for a Spark session nor fail because Spark is away.
    if rows == 0:
        return []
    # Asked for each lane anew: replicas move when nodes come and go.
    replicas, to = ports.cassandra.replica_map(KEYSPACE), ports.executors
    if rows <= to.alone_rows:
        here = partial(write_tables_over, ports.cassandra, destination, replicas=replicas, limits=to.limits)
        return [write_groups(staging.row_groups(files), url, here)]
    write = partial(write_tables, to.cassandra, destination, replicas=replicas, limits=to.limits)
    bins = staging.share_out(files, min(to.tasks, -(-rows // _ROWS_PER_TASK)))
    session = open_session(to.spark)
    with progress_log(session, f"Gravando {destination.table}"):
        return run_tasks(session, bins, partial(write_groups, url=url, write=write), _deadline(to))


def _deadline(to: Executors) -> Deadline:
    """The retry bound is the lane's, from its start: a task that failed has already insisted for as long."""
    return Deadline(
        time.time() + to.limits.retry,
        f"Uma tarefa falhou e o Spark a repetiu depois do prazo da gravação ({to.limits.retry:.0f} s, "
        f"SINESP_WRITE_RETRY_SECONDS): Cassandra em {to.cassandra} não se recuperou, ou um executor caiu. A causa está "
        "no log da primeira tentativa, no executor.",
    )


def _merge(results: list[dict[str, Any]]) -> tuple[CountsByPartition, list[dict[str, Any]]]:
    refused = [row for r in results for row in r["refused"]]
    parts: list[CountsByPartition] = []
    for r in results:
        parts += [{TopicPartition(t, p): Counts(inserted=n)} for t, p, n in r["inserted"]]
        parts += [{TopicPartition(t, p): Counts(deleted=n)} for t, p, n in r["deleted"]]
    # A refused deletion comes back from each of the three lanes, but is one record: only its own topic's counts it.
    parts += [
        {TopicPartition(row["topic"], row["partition"]): Counts(quarantined=1)} for row in refused if row["counted"]
    ]
    return counting.add_up(parts), refused


def _quarantine(refused: list[dict[str, Any]], rows: int, batch_id: str, ports: Refusals) -> None:
    """Store rows Cassandra refused, with their raw bytes read again from Kafka."""
    # Before any is stored: a server that refuses row after row is at fault itself, and would fill the quarantine.
    if ports.limit.exceeded(len(refused), rows):
        msg = (
            f"Cassandra recusou {len(refused)} de {rows} linhas do lote {batch_id}; a primeira: {refused[0]['error']}. "
            "Nenhum offset foi movido."
        )
        raise QuarantineLimitError(msg)
    for row in refused:
        log.error("Log - Erro ao inserir o registro %s: %s", row["id"][:80], row["error"])
    ports.table.store([_with_bytes(row, batch_id, ports.records) for row in refused])


def _with_bytes(row: dict[str, Any], batch_id: str, records: KafkaRecords) -> Refused:
    """The refused record as Kafka has it.

    When Kafka has it no more, what is known of it, so that the batch can end all the same.
    """
    reasons, where = (Reason.RECUSADO_PELO_CASSANDRA,), (row["topic"], row["partition"], row["offset"])
    place = TopicPartition(row["topic"], row["partition"])
    record = records.read_refused(place, row["offset"], Refusal(reasons, row["error"], batch_id))
    if record is not None:
        return record
    detail = f"{row['error']} (os bytes originais já não estavam no Kafka)"
    return Refused(*where, row["write_time"] // 1000, row["id"].encode(), None, "[]", reasons, detail, batch_id)
