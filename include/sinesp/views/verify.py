"""Prove the views: another way than the refresh, from the lake alone, and against the three tables."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import duckdb
import pyarrow as pa

from sinesp.clients.cassandra import CassandraSession
from sinesp.clients.statements import lake_query
from sinesp.domain.contract import Destination
from sinesp.domain.territory import UF_CODES, region_code
from sinesp.lake.adapters.delta_table import LakeTable
from sinesp.lake.adapters.rows import connection, dataset_of
from sinesp.lake.restore import ROUTED
from sinesp.publication.model.sources import SourceKind
from sinesp.views.model import places

log = logging.getLogger(__name__)

_CELLS: Final = pa.schema(
    [
        ("fonte", pa.string()), ("nivel", pa.string()), ("codigo", pa.string()), ("tipo_crime", pa.string()),
        ("ano", pa.int16()), ("mes", pa.int8()), ("vitimas", pa.int64()), ("ocorrencias", pa.int64()),
    ]
)  # fmt: skip
_ROWS: Final = pa.schema(
    [("id", pa.string()), ("escrito", pa.int64()), ("vitimas", pa.string()), ("ocorrencias", pa.string())]
)
_AT_ONCE: Final = 20_000
_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class ViewsOutcome:
    """Cells and rows compared, and what differs, each in one line."""

    compared: int
    differences: Sequence[str]


def verify_views(lake: LakeTable, url: str, cassandra: CassandraSession) -> ViewsOutcome:
    """Compare tb_por_lugar, tb_por_crime and the three tables with what the lake's records come to.

    Federal forces are left out: no query can tell them apart.

    Raises:
        TransientError: Cassandra or the storage does not answer.
    """
    snapshot = lake.snapshot()
    if snapshot is None:
        return ViewsOutcome(0, [])
    with connection() as db:
        db.register("lake", dataset_of(url, snapshot.paths()))
        _register(db)
        db.execute(lake_query("current"))
        db.execute(lake_query("expected"))
        compared, found = 0, []
        for table, query in (("tb_por_lugar", "views_place_scan"), ("tb_por_crime", "views_crime_scan")):
            compared += _load(db, _CELLS, _cells(cassandra, query))
            found += _differences(db, table, "esperadas", ", ".join(_CELLS.names))
        for destination in Destination:
            compared += _load(db, _ROWS, _landing(cassandra, destination))
            found += _differences(db, destination.table, _landed(destination), ", ".join(_ROWS.names))
    return ViewsOutcome(compared, found)


def _register(db: duckdb.DuckDBPyConnection) -> None:
    kinds = list(SourceKind)
    db.register("fontes", pa.table({"resource_id": [k.resource_id for k in kinds], "fonte": [str(k) for k in kinds]}))
    regions = [region_code(uf) for uf in UF_CODES]
    db.register("ufs", pa.table({"uf": list(UF_CODES), "codigo": list(UF_CODES.values()), "regiao": regions}))


def _load(db: duckdb.DuckDBPyConnection, schema: pa.Schema, rows: Iterator[dict[str, Any]]) -> int:
    """Put rows into the table `vistas`, made anew; how many."""
    db.register("vazia", schema.empty_table())
    db.execute(lake_query("seen_create"))
    count = 0
    while some := list(islice(rows, _AT_ONCE)):
        db.register("parte", pa.Table.from_pylist(some, schema))
        db.execute(lake_query("seen_insert"))
        count += len(some)
    return count


def _differences(db: duckdb.DuckDBPyConnection, table: str, expected: str, columns: str) -> list[str]:
    names = {"faltam": "falta ou difere", "sobram": "sobra ou difere"}
    parts = {"columns": columns, "expected": expected, "shown": str(_SHOWN)}
    sides = {what: db.execute(lake_query(f"differences_{side}", **parts)).fetchall() for side, what in names.items()}
    return [f"{table}: {what}: {row}" for what, rows in sides.items() for row in rows]


def _cells(cassandra: CassandraSession, query: str) -> Iterator[dict[str, Any]]:
    for row in cassandra.iterate(query):
        if row["nivel"] == places.OUTRO:
            continue
        key = {name: row[name] for name in ("fonte", "nivel", "codigo", "tipo_crime", "ano")}
        victims, events = row["vitimas"] or {}, row["ocorrencias"] or {}
        for month in {*victims, *events, *(row["em_branco"] or ())}:
            yield {**key, "mes": month, "vitimas": victims.get(month), "ocorrencias": events.get(month)}


def _landing(cassandra: CassandraSession, destination: Destination) -> Iterator[dict[str, Any]]:
    for row in cassandra.iterate(f"bootstrap_{destination}"):
        yield {"id": row["id"], "escrito": row["escrito"], **{m: row[m] or None for m in ("vitimas", "ocorrencias")}}


def _landed(destination: Destination) -> str:
    """What a table holds: of each id the newest record that goes there, unless a deletion came after it."""
    return lake_query("landed", newest=lake_query("newest", routed=ROUTED[destination]))
