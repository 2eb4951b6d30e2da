"""What Cassandra would hold: the refresh's own statements, applied by write time."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from sinesp.clients.statements import query
from sinesp.views.adapters.view_writer import Write
from sinesp.views.slice_work import SliceWrites

Key = tuple[Any, ...]
KEYS = {
    "tb_por_lugar": ("fonte", "nivel", "codigo", "tipo_crime", "ano"),
    "tb_por_crime": ("fonte", "tipo_crime", "ano", "nivel", "uf", "codigo"),
    "tb_cobertura": ("fonte", "tipo_crime", "ano", "uf"),
    "tb_revisoes": ("fonte", "publicacao", "uf", "nivel", "codigo", "tipo_crime", "mes"),
    "tb_revisoes_por_lugar": ("fonte", "nivel", "codigo", "tipo_crime", "mes", "instante", "publicacao"),
    "tb_releases": ("fonte", "publicacao", "ano"),
}


class _Statement(NamedTuple):
    table: str
    columns: tuple[str, ...]
    deletes: bool


@cache
def _statement(name: str) -> _Statement:
    text = query(name)
    (table,) = re.findall(r"dados_seguranca_publica\.(\w+)", text)
    if text.startswith("DELETE"):
        return _Statement(table, tuple(re.findall(r"(\w+) = \?", text)), deletes=True)
    columns = re.search(r"\(([^)]*)\)", text)
    assert columns
    return _Statement(table, tuple(c.strip() for c in columns[1].split(",")), deletes=False)


class MemoryViews:
    """Rows and deletions, each with its write time: the newer one stands, a deletion beats a row of its own time."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[Key, tuple[int, dict[str, Any]]]] = {table: {} for table in KEYS}
        self._deleted: dict[str, dict[Key, int]] = {table: {} for table in KEYS}

    def refresh(self, writes: SliceWrites) -> None:
        """Take in what a refresh writes of a slice, in its order."""
        self._apply(writes.changes())
        self._apply(writes.rows())

    def _apply(self, writes: Iterable[Write]) -> None:
        for write in writes:
            statement = _statement(write.statement)
            if statement.deletes:
                at, *key = write.values
                known = self._deleted[statement.table]
                known[tuple(key)] = max(at, known.get(tuple(key), 0))
            else:
                *values, at = write.values
                row = dict(zip(statement.columns, values, strict=True))
                self._put(statement.table, row, at)

    def _put(self, table: str, row: dict[str, Any], at: int) -> None:
        key = tuple(row[name] for name in KEYS[table])
        if at >= self._rows[table].get(key, (0, {}))[0]:
            self._rows[table][key] = (at, row)

    def rows(self) -> dict[str, dict[Key, dict[str, Any]]]:
        """What a reader finds, but for the number of the version that wrote a row."""
        return {
            table: {
                key: {name: value for name, value in row.items() if name != "versao"}
                for key, (at, row) in rows.items()
                if not self._is_deleted(table, key, at)
            }
            for table, rows in self._rows.items()
        }

    def _is_deleted(self, table: str, key: Key, at: int) -> bool:
        # A deletion names a row, or the beginning of its key.
        return any(self._deleted[table].get(key[:n], -1) >= at for n in range(1, len(key) + 1))
