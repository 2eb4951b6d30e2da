"""Spark as executor: one session for all tasks, the one Kafka read of a batch, and tasks that write staged rows."""

import atexit
import json
import logging
import os
import re
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from sinesp.adapters.kafka import KafkaEndpoint
from sinesp.domain.errors import ConfigurationError, DataLossError, TransientError
from sinesp.domain.offsets import OffsetRange

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

log = logging.getLogger(__name__)

Worker = Callable[[Iterator["pa.RecordBatch"]], Iterator["pa.RecordBatch"]]

_SMALL_BATCH = 5_000
"""Below this many offsets one Python worker is faster than starting one per partition."""

_HEADERS = "if(size(headers) > 0, to_json(transform(headers, h -> array(h.key, hex(h.value)))), null) AS headers"
"""As text, because a list of structs costs the way to Python more than all other columns together, even where it is null."""

_SESSION_PARAMETER = "session_id="
_SESSION_CLOSED = "INVALID_HANDLE.SESSION_CLOSED"
_ANSWER_SECONDS = 20.0
_CONNECT_PORT = 15002

_opening = Lock()
_clients: "dict[str, SparkSession]" = {}

_LOSS_SIGNS = ("OffsetOutOfRange", "failOnDataLoss", "data may have been lost", "DATA_LOSS")


@dataclass(frozen=True, slots=True)
class SparkEndpoint:
    """A Connect server (`remote`, e.g. sc://host:15002) or, without it, a master that takes a driver of ours."""

    remote: str
    master: str

    def __str__(self) -> str:
        """The address alone: what follows it in a Connect URL may hold a token."""
        return self.remote.partition("/;")[0] or self.master


def open_session(endpoint: SparkEndpoint) -> "SparkSession":
    """The session for a task's work; a process makes it once for each endpoint.

    Raises:
        TransientError: nothing answers at the endpoint.
    """
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    from pyspark.sql import SparkSession

    try:
        if endpoint.remote:
            _wait_for_port(endpoint.remote)
            session = _shared_session(endpoint.remote)
        else:
            session = SparkSession.builder.master(endpoint.master).appName("sinesp").getOrCreate()
            session.conf.set("spark.sql.session.timeZone", "UTC")
    except Exception as error:  # gRPC and py4j raise unrelated types
        msg = f"Spark não responde em {endpoint}. Verifique SPARK_REMOTE (ou SPARK_MASTER) e se o servidor está no ar. ({error})"
        raise TransientError(msg) from error
    log.info("Log - Spark Connection criada com sucesso!")
    return session


def _shared_session(remote: str) -> "SparkSession":
    """One session in the server for all tasks, found by its id, and one client of it in this process.

    Spark starts a family of Python workers for each session, which costs a task a second, and never ends the family's parent,
    which costs the server 40 MB a task. A client, once made, stays in memory until the process ends.
    """
    with _opening:
        known = _clients.get(remote)
        if known is None or not _answers(known):
            known = _clients[remote] = _new_client(remote)
        return known


def _answers(session: "SparkSession") -> bool:
    """Whether the session is still in the server: a server that was restarted does not know it."""
    try:
        session.conf.set("spark.sql.session.timeZone", "UTC")
    except Exception:  # noqa: BLE001 - gRPC's and the server's errors share no type
        return False
    return True


def _new_client(remote: str) -> "SparkSession":
    """A session the server has closed (by default after an idle hour) never comes back under its id, so the next id is tried."""
    from pyspark.sql import SparkSession

    generation = 0
    while True:
        session = SparkSession.builder.remote(session_url(remote, generation)).create()
        # After the client's own clean-up was registered, so before it at the exit: that one calls the server, and a server that
        # is gone would hold the exit for ten minutes. Left open, several connections hold it for ever.
        atexit.register(session.client.close)
        try:
            session.conf.set("spark.sql.session.timeZone", "UTC")
        except Exception as error:  # the server's own error has no type of its own
            if _SESSION_CLOSED not in str(error) or _SESSION_PARAMETER in remote:
                raise
            generation += 1
        else:
            return session


def session_url(remote: str, generation: int) -> str:
    """The Connect URL with the id of a shared session; one that names a session is left as it is."""
    if _SESSION_PARAMETER in remote:
        return remote
    separator = ";" if "/;" in remote else "/;"
    return f"{remote.rstrip('/')}{separator}{_SESSION_PARAMETER}{uuid5(NAMESPACE_URL, f'sinesp/{generation}')}"


def _wait_for_port(remote: str) -> None:
    """Give a server that restarts some time; Spark's own client would knock in silence for ten minutes."""
    url = urlsplit(remote)
    patience = Retrying(
        retry=retry_if_exception_type(OSError),
        stop=stop_after_delay(_ANSWER_SECONDS),
        wait=wait_exponential_jitter(initial=0.5, max=5),
        reraise=True,
    )
    patience(socket.create_connection, (url.hostname, url.port or _CONNECT_PORT), timeout=5).close()


def read_ranges(session: "SparkSession", kafka: KafkaEndpoint, ranges: Sequence[OffsetRange]) -> "DataFrame":
    """The batch's rows by explicit offsets: key, value, topic, partition, offset, timestamp (ms), headers (see `with_headers`).

    Only partitions that have something are assigned, and `fetch.max.wait.ms` is low: the source otherwise waits half a second
    per partition. Aborted transactions are not seen.
    """
    wanted = [r for r in ranges if r.until > r.start]
    assign: dict[str, list[int]] = {}
    starts: dict[str, dict[str, int]] = {}
    ends: dict[str, dict[str, int]] = {}
    for r in wanted:
        assign.setdefault(r.topic, []).append(r.partition)
        starts.setdefault(r.topic, {})[str(r.partition)] = r.start
        ends.setdefault(r.topic, {})[str(r.partition)] = r.until
    options = {
        **kafka.spark_options(),
        "assign": json.dumps(assign),
        "startingOffsets": json.dumps(starts),
        "endingOffsets": json.dumps(ends),
        "includeHeaders": "true",
        "failOnDataLoss": "true",
        "kafka.isolation.level": "read_committed",
        "kafka.fetch.max.wait.ms": "10",
    }
    frame = session.read.format("kafka").options(**options).load()
    frame = frame.selectExpr(
        "key", "value", "topic", "partition", "offset", "unix_millis(timestamp) AS timestamp", _HEADERS
    )
    log.info("Log - Dataframe Kafka criado com sucesso para tópicos: %s", ", ".join(sorted(assign)))
    small = sum(r.until - r.start for r in wanted) <= _SMALL_BATCH
    return frame.coalesce(1) if small else frame


def with_headers(batches: "Iterable[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
    """Rows of `read_ranges` with their headers as a list of (key, value), as Kafka has them."""
    import pyarrow as pa

    kind = pa.list_(pa.struct([("key", pa.string()), ("value", pa.binary())]))
    for batch in batches:
        texts = batch.column("headers")
        found = (
            pa.nulls(len(batch), kind)
            if texts.null_count == len(batch)
            else pa.array(map(_pairs, texts.to_pylist()), kind)
        )
        yield batch.set_column(batch.schema.get_field_index("headers"), "headers", found)


def _pairs(text: str | None) -> list[dict[str, Any]]:
    pairs = json.loads(text) if text else []
    return [{"key": key, "value": None if value is None else bytes.fromhex(value)} for key, value in pairs]


def run_over_rows(frame: "DataFrame", worker: Worker) -> list[dict[str, Any]]:
    """Run `worker` once per Spark task over the frame; each yields JSON summaries, collected here from successful attempts only.

    Raises:
        DataLossError: offsets vanished between plan and read.
        TransientError: Spark failed otherwise.
    """
    try:
        rows = frame.mapInArrow(worker, "summary string").collect()
    except Exception as error:  # gRPC and py4j raise unrelated types
        raise _translated(error) from error
    return [json.loads(row["summary"]) for row in rows]


def run_tasks(
    session: "SparkSession", bins: Sequence[Any], work: Callable[[Any], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Run `work(bins[i])` in one Spark task each and collect the results."""

    def worker(batches: Iterable["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
        for batch in batches:
            for n in batch.column(0).to_pylist():
                yield summary(work(bins[n]))

    return run_over_rows(session.range(0, len(bins), 1, len(bins)).toDF("n"), worker)


def summary(content: dict[str, Any]) -> "pa.RecordBatch":
    """A worker's result as the one-column batch `run_over_rows` collects."""
    import pyarrow as pa

    return pa.RecordBatch.from_pydict({"summary": [json.dumps(content)]})


def _translated(error: Exception) -> Exception:
    """An error of ours comes back from a worker as the text of its traceback, which ends by naming it."""
    text = str(error)
    for kind in (ConfigurationError, TransientError):
        raised = re.search(rf"^{re.escape(kind.__module__)}\.{kind.__name__}: (.+)$", text, re.MULTILINE)
        if raised is not None:
            return kind(raised[1])
    if any(sign in text for sign in _LOSS_SIGNS):
        cause = text.strip().splitlines()[0][:400]
        return DataLossError(
            f"Offsets do batch sumiram do Kafka entre o plano e a leitura; a próxima execução replaneja. ({cause})"
        )
    return TransientError(f"O Spark não completou a tarefa: {text[:2000]}")
