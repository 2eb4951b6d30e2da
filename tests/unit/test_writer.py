"""The hot write path without a server: what flies together, how much at a time, and who is blamed."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Lock
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest
from cassandra import InvalidRequest, OperationTimedOut
from cassandra.cluster import NoHostAvailable
from cassandra.metadata import Murmur3Token
from cassandra.protocol import OverloadedErrorMessage
from hypothesis import given
from hypothesis import strategies as st

from sinesp.clients.cassandra import CassandraEndpoint, CassandraSession
from sinesp.clients.replicas import ReplicaMap
from sinesp.domain.contract import Destination
from sinesp.domain.errors import ConfigurationError, TransientError
from sinesp.microbatch.adapters.row_chunks import Chunk, Rows, Statements, chunks_of, rows_of
from sinesp.microbatch.adapters.write_lane import Lane, RefusedRows
from sinesp.microbatch.adapters.write_limits import Governor, WriteLimits
from sinesp.microbatch.transforms.staged_rows import stage
from tests.unit.kafka_rows import Row as KafkaRow
from tests.unit.kafka_rows import batch_of, upsert

ONE_SET = ReplicaMap((0,), (0,))
THREE_SETS = ReplicaMap((-(2**62), 0, 2**62), (0, 1, 2))
LIMITS = WriteLimits(batch_rows=8, batch_bytes=100, in_flight=4, timeout=1, retry=0.2)


def rows(*sizes: int) -> Rows:
    keys = pa.array([f"id{n}".encode() for n in range(len(sizes))], pa.binary())
    return Rows(keys, keys, np.array(sizes, np.int64), np.arange(len(sizes)))


@given(st.lists(st.integers(0, 150), max_size=60))
def test_chunks_hold_every_row_once_within_both_bounds(sizes: list[int]) -> None:
    chunks = list(chunks_of(rows(*sizes), ONE_SET, LIMITS))
    assert [n for chunk in chunks for n in chunk.places] == list(range(len(sizes)))
    for chunk in chunks:
        assert len(chunk) <= LIMITS.batch_rows
        assert sum(sizes[n] for n in chunk.places) <= LIMITS.batch_bytes or len(chunk) == 1


def test_row_is_as_large_as_the_server_counts_it() -> None:
    """50 bytes, 20 for each cell, and the values' bytes but for the key's; a deletion has no cells."""
    written = [
        KafkaRow(b"x" * 40, upsert("x" * 40, "municipio", municipio="São José", vitimas="12")),
        KafkaRow(b"y", None, 1),
    ]
    table = stage([batch_of(written)]).rows[Destination.MUNICIPIO]

    found = rows_of(Destination.MUNICIPIO, table, Statements(b"upsert", b"delete"))

    sizes = dict(zip(found.keys.to_pylist(), found.sizes, strict=True))
    assert sizes == {
        b"x" * 40: 50 + 23 * 20 + len("municipio") + len("São José".encode()) + len("12"), b"y": 29
    }  # fmt: skip


def test_rows_that_fly_together_share_a_replica_set() -> None:
    chunks = list(chunks_of(rows(*[1] * 60), THREE_SETS, LIMITS))

    assert sorted(n for chunk in chunks for n in chunk.places) == list(range(60))
    for chunk in chunks:
        assert chunk.encoded.count == len(chunk)
        assert bytes(chunk.encoded.body) == b"".join(f"id{n}".encode() for n in chunk.places)
        tokens = [Murmur3Token.hash_fn(f"id{n}".encode()) for n in chunk.places]
        assert len({sum(t > edge for edge in THREE_SETS.tokens) % 3 for t in tokens}) == 1


def test_governor_opens_one_by_one_and_halves_on_overload() -> None:
    governor = Governor(16)
    started = governor.limit
    for _ in range(100):
        governor.saw_answer(0.001)
    assert (started, governor.limit) == (4, 16)
    governor.saw_overload()
    assert governor.limit == 8
    for _ in range(10):
        governor.saw_overload()
    assert governor.limit == 1


def test_governor_closes_slowly_when_answers_get_slow() -> None:
    governor = Governor(16)
    for _ in range(12):
        governor.saw_answer(0.001)
    governor.saw_answer(3.0)
    assert governor.limit == 14


def test_no_more_requests_fly_than_the_governor_allows() -> None:
    governor, lock = Governor(3), Lock()
    flying: list[int] = [0]
    most = 0

    def land() -> None:
        with lock:
            flying[0] -= 1
        governor.leave()

    with ThreadPoolExecutor(8) as pool:
        for _ in range(200):
            governor.enter()
            with lock:
                flying[0] += 1
                most = max(most, flying[0])
            pool.submit(land)
    assert most == 3


class Answer:
    """What the driver's future of a request tells."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    def add_callbacks(self, well: Callable[[object], None], badly: Callable[[Exception], None]) -> None:
        if self._error is None:
            well(None)
        else:
            badly(self._error)

    def result(self) -> None:
        if self._error is not None:
            raise self._error


class LateAnswer(Answer):
    """One that comes in another thread."""

    def __init__(self, error: Exception | None, pool: ThreadPoolExecutor) -> None:
        super().__init__(error)
        self._pool = pool

    def add_callbacks(self, well: Callable[[object], None], badly: Callable[[Exception], None]) -> None:
        self._pool.submit(super().add_callbacks, well, badly)


class Server(Lane):
    """A lane whose server answers from `verdict`, which sees the indices of a request."""

    def __init__(self, verdict: Any, limits: WriteLimits = LIMITS) -> None:
        nobody = CassandraEndpoint(("nenhum",), 9042)
        super().__init__(CassandraSession(cast("Any", SimpleNamespace()), nobody), limits)
        self._verdict = verdict
        self.stored: list[int] = []

    def request(self, chunk: Chunk) -> Any:
        try:
            self._verdict(chunk.places)
        except Exception as error:  # noqa: BLE001 - whatever the server says
            return self.answer(error)
        self.stored += chunk.places
        return self.answer(None)

    def answer(self, error: Exception | None) -> Answer:
        return Answer(error)

    def write(self, chunks: Iterator[Chunk]) -> RefusedRows:
        return self.finish(self.send(chunks))


def refusing(*guilty: int) -> Any:
    def verdict(indices: list[int]) -> None:
        if set(indices) & set(guilty):
            raise InvalidRequest("Key may not be empty")

    return verdict


@given(st.sets(st.integers(0, 39)))
def test_only_the_guilty_rows_of_a_refused_batch_are_refused(guilty: set[int]) -> None:
    server = Server(refusing(*guilty))
    refused = server.write(chunks_of(rows(*[1] * 40), ONE_SET, LIMITS))

    assert {index for index, _ in refused} == guilty
    assert sorted(server.stored) == [n for n in range(40) if n not in guilty]


@given(st.sets(st.integers(0, 39)))
def test_answers_that_come_in_another_thread_are_waited_for(guilty: set[int]) -> None:
    with ThreadPoolExecutor(4) as pool:

        class Remote(Server):
            def answer(self, error: Exception | None) -> Answer:
                return LateAnswer(error, pool)

        server = Remote(refusing(*guilty))
        tables = [server.send(chunks_of(rows(*[1] * 40), ONE_SET, LIMITS)) for _ in range(2)]

        assert [{index for index, _ in server.finish(sent)} for sent in tables] == [guilty, guilty]
    assert sorted(server.stored) == sorted(2 * [n for n in range(40) if n not in guilty])


def test_batch_that_is_too_large_for_the_server_is_halved_until_it_fits() -> None:
    def verdict(indices: list[int]) -> None:
        if len(indices) > 3:
            raise InvalidRequest("Batch too large")

    server = Server(verdict)
    assert server.write(chunks_of(rows(*[1] * 20), ONE_SET, LIMITS)) == []
    assert sorted(server.stored) == list(range(20))


def nobody_there() -> NoHostAvailable:
    return NoHostAvailable("x", {"h": OSError("refused")})


@pytest.mark.parametrize("error", [OperationTimedOut, lambda: OverloadedErrorMessage(0x1001, "x", {}), nobody_there])
def test_overload_that_passes_is_retried_and_blames_no_row(error: Callable[[], Exception]) -> None:
    answers = iter([error(), error()])

    def verdict(_indices: list[int]) -> None:
        for e in answers:
            raise e

    server = Server(verdict, replace(LIMITS, retry=30))
    assert server.write(chunks_of(rows(1, 1), ONE_SET, LIMITS)) == []
    assert server.stored == [0, 1]


def test_server_that_stays_away_ends_the_lane_at_once_and_refuses_nothing() -> None:
    seen: list[list[int]] = []

    def verdict(indices: list[int]) -> None:
        seen.append(indices)
        raise nobody_there()

    server = Server(verdict)
    with pytest.raises(TransientError, match="não se recuperou em 0 s"):
        server.write(chunks_of(rows(*[1] * 8_000), ONE_SET, LIMITS))
    assert len({tuple(indices) for indices in seen}) <= LIMITS.in_flight


def test_table_that_is_not_the_contracts_is_nobodys_row() -> None:
    def verdict(_indices: list[int]) -> None:
        raise InvalidRequest("unconfigured table tb_ocorrencias_estado")

    with pytest.raises(ConfigurationError, match="sinesp_schema"):
        Server(verdict).write(chunks_of(rows(1), ONE_SET, LIMITS))
