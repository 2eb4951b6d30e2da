"""Rows as the driver itself would have bound them, byte by byte."""

import uuid
from typing import Any

import pyarrow as pa
import pytest
from cassandra import ConsistencyLevel
from cassandra.cqltypes import LongType, UTF8Type
from cassandra.protocol import BatchMessage, ColumnMetadata, ProtocolHandler
from cassandra.query import BatchStatement, BatchType, PreparedStatement
from hypothesis import given
from hypothesis import strategies as st

from sinesp.clients.cassandra_batches import BatchHandler, EncodedRows, batch_of
from sinesp.clients.replicas import ReplicaMap
from sinesp.domain.contract import Destination, columns_of
from sinesp.microbatch.adapters.row_chunks import Chunk, Rows, Statements, chunks_of, rows_of
from sinesp.microbatch.adapters.write_limits import WriteLimits

MUNICIPIO = Destination.MUNICIPIO
COLUMNS = columns_of(MUNICIPIO)
ANY = WriteLimits(batch_rows=1_000, batch_bytes=1 << 30, in_flight=1, timeout=1, retry=1)
VERSIONS = pytest.mark.parametrize("version", [4, 5])


def prepared(name: str, *types: tuple[str, Any]) -> PreparedStatement:
    columns = [ColumnMetadata("k", "t", column, kind) for column, kind in types]
    key = [column for column, _ in types].index("id")
    return PreparedStatement(columns, uuid.uuid5(uuid.NAMESPACE_DNS, name).bytes, [key], name, "k", 5, [], None)


UPSERT = prepared("upsert", *((name, UTF8Type) for name in COLUMNS), ("[timestamp]", LongType))
DELETE = prepared("delete", ("[timestamp]", LongType), ("id", UTF8Type))
STATEMENTS = Statements(UPSERT.query_id, DELETE.query_id)

cells = st.one_of(st.none(), st.text(max_size=6), st.sampled_from(["São José", "", "0", "\0", "𝄞"]))
row = st.tuples(
    st.lists(cells, min_size=len(COLUMNS) - 1, max_size=len(COLUMNS) - 1), st.integers(0, 2**62), st.booleans()
)


def table_of(rows: list[tuple[list[str | None], int, bool]]) -> pa.Table:
    ids = [f"id{n}" for n in range(len(rows))]
    columns = {name: pa.array([r[0][n] for r in rows], pa.string()) for n, name in enumerate(COLUMNS[1:])}
    return pa.table(
        {
            "id": pa.array(ids, pa.string()),
            **columns,
            "write_time": pa.array([r[1] for r in rows], pa.int64()),
            "deleted": pa.array([r[2] for r in rows], pa.bool_()),
        }
    )


def by_the_driver(rows: list[dict[str, Any]]) -> BatchMessage:
    """What the driver makes of the same rows, bound value by value."""
    batch = BatchStatement(BatchType.UNLOGGED)
    for values in rows:
        if values["deleted"]:
            batch.add(DELETE.bind([values["write_time"], values["id"]]))
        else:
            batch.add(UPSERT.bind([*(values[c] or "" for c in COLUMNS), values["write_time"]]))
    queries = batch._statements_and_parameters
    return BatchMessage(BatchType.UNLOGGED, queries, ConsistencyLevel.LOCAL_QUORUM)


def frame(handler: Any, message: Any, version: int) -> bytes:
    encoded: bytes = handler.encode_message(message, 7, version, compressor=None, allow_beta_protocol_version=False)
    return encoded


def sent(chunk: Chunk) -> BatchMessage:
    """The message the driver makes of our statement."""
    batch = batch_of(UPSERT, chunk.key, chunk.encoded)
    assert batch.routing_key == chunk.key
    return BatchMessage(batch.batch_type, batch._statements_and_parameters, batch.consistency_level)


@VERSIONS
@given(rows=st.lists(row, min_size=1, max_size=12))
def test_a_batch_is_byte_for_byte_what_the_driver_makes_of_the_same_rows(
    version: int, rows: list[tuple[list[str | None], int, bool]]
) -> None:
    table = table_of(rows)

    (chunk,) = chunks_of(rows_of(MUNICIPIO, table, STATEMENTS), ReplicaMap((0,), (0,)), ANY)

    values = table.to_pylist()
    wanted = by_the_driver([values[place] for place in chunk.places])
    assert frame(BatchHandler, sent(chunk), version) == frame(ProtocolHandler, wanted, version)


@given(rows=st.lists(row, min_size=1, max_size=12), cut=st.data())
def test_each_half_holds_its_own_rows(rows: list[tuple[list[str | None], int, bool]], cut: Any) -> None:
    whole = rows_of(MUNICIPIO, table_of(rows), STATEMENTS)
    start = cut.draw(st.integers(0, len(whole) - 1))
    chunk = Chunk(whole, start, cut.draw(st.integers(start + 1, len(whole))))

    first, second = chunk.halves()

    assert [*first.places, *second.places] == chunk.places
    assert bytes(first.encoded.body) + bytes(second.encoded.body) == bytes(chunk.encoded.body)
    assert first.encoded.count + second.encoded.count == len(chunk)


def test_rows_are_those_chosen() -> None:
    whole = rows_of(MUNICIPIO, table_of([([None] * 23, n, n == 1) for n in range(4)]), STATEMENTS)

    taken: Rows = whole.take(whole.places.argsort()[[3, 1]])

    assert (taken.keys.to_pylist(), taken.places.tolist()) == ([b"id3", b"id1"], [3, 1])
    assert taken.sizes.tolist() == [50 + 23 * 20, 29]


@VERSIONS
def test_what_is_no_batch_of_ours_is_encoded_as_ever(version: int) -> None:
    theirs = by_the_driver(table_of([(["x"] * 23, 1, False)]).to_pylist())
    assert frame(BatchHandler, theirs, version) == frame(ProtocolHandler, theirs, version)


def test_tracing_asked_for_is_kept() -> None:
    message = BatchMessage(
        BatchType.UNLOGGED, [(True, b"", [b"k", EncodedRows(0, b"")])], ConsistencyLevel.LOCAL_QUORUM
    )
    message.tracing = True
    assert frame(BatchHandler, message, 5)[1] & 2
