"""Records of one source and year, read from the lake's files: only the row groups that may hold some are opened."""

from collections.abc import Sequence
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads

from sinesp.clients.storage import file_system, translated
from sinesp.microbatch.transforms.accepted import ACCEPTED_SCHEMA
from sinesp.publication.model.sources import SourceKind
from sinesp.views.model.plan import Slice

_COLUMNS: Final = [
    "id", "granularidade", "ano", "mes", "uf", "codigo_municipio", "tipo_crime", "vitimas", "ocorrencias", "offset",
    "instante", "escrito", "publicacao", "extraido_em", "arquivos", "excluido",
]  # fmt: skip
_RESOURCES: Final = {kind.resource_id: str(kind) for kind in SourceKind}
_OF_SOURCE: Final = {name: resource for resource, name in _RESOURCES.items()}


class LakeSlices:
    """Files of one version of the lake, by their addresses. Errors are those of `clients.storage`."""

    def __init__(self, files: Sequence[str], added: Sequence[str], url: str) -> None:
        self._url = url
        new = set(added)
        self._old, self._new = [f for f in files if f not in new], [f for f in files if f in new]

    def read(self, part: Slice) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Records of a slice, and the deletions of their ids; `novo` tells those of the added files."""
        chosen = (pc.field("resource_id") == _OF_SOURCE[part.fonte]) & (pc.field("ano") == str(part.ano))
        rows = self._rows(chosen | pc.field("excluido"))
        values, deletions = rows.filter(~pl.col("excluido")), rows.filter("excluido")
        # A deletion has only its id: of all there are, those of these records.
        return values, deletions.join(values.select("id").unique(), on="id", how="semi")

    def touched(self) -> tuple[list[Slice], int]:
        """Slices that the added files speak of; and how many of their records belong to none."""
        keys = pl.from_arrow(self._table(self._new, ["id", "resource_id", "ano", "mes", "tipo_crime", "excluido"]))
        assert isinstance(keys, pl.DataFrame)
        deleted = keys.filter(pl.col("excluido"))["id"].unique()
        told = keys.filter(~pl.col("excluido"))
        mine = _inside(told)
        outside = told.height - mine.height
        found = mine.select("resource_id", "ano").unique()
        if deleted.len():
            chosen = pc.field("id").isin(pa.array(deleted)) & ~pc.field("excluido")
            last = pl.from_arrow(
                self._table(self._old + self._new, ["resource_id", "ano", "mes", "tipo_crime"], chosen)
            )
            assert isinstance(last, pl.DataFrame)
            found = pl.concat([found, _inside(last).select("resource_id", "ano")]).unique()
        slices = [
            Slice(_RESOURCES[resource], int(year)) for resource, year in found.sort("resource_id", "ano").iter_rows()
        ]
        return slices, outside

    def _rows(self, chosen: pc.Expression) -> pl.DataFrame:
        parts = [
            pl.DataFrame(self._table(files, _COLUMNS, chosen)).with_columns(novo=pl.lit(new))
            for files, new in ((self._old, False), (self._new, True))
        ]
        return pl.concat(parts)

    def _table(self, files: Sequence[str], columns: list[str], chosen: pc.Expression | None = None) -> pa.Table:
        schema = pa.schema([ACCEPTED_SCHEMA.field(c) for c in columns])
        if not files:
            return schema.empty_table()
        fs, _ = file_system(self._url)
        with translated(self._url):
            dataset = pads.dataset([_path(f) for f in files], schema=ACCEPTED_SCHEMA, filesystem=fs, format="parquet")
            return dataset.to_table(columns=columns, filter=chosen)


def _inside(rows: pl.DataFrame) -> pl.DataFrame:
    """Records that some view can show."""
    return rows.filter(
        pl.col("resource_id").is_in(list(_RESOURCES)) & pl.col("ano").is_not_null() & pl.col("mes").is_not_null()
        & pl.col("tipo_crime").is_not_null()
    )  # fmt: skip


def _path(address: str) -> str:
    """Path inside the file system, of an address of the lake's."""
    return address.partition("://")[2]
