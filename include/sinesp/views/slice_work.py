"""One slice of a refresh: read its records, compute its view rows, write those that the new records touch."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import polars as pl

from sinesp.clients.cassandra import CassandraEndpoint
from sinesp.domain.crimes import Unit
from sinesp.domain.publications import FIRST_MARK
from sinesp.domain.territory import region_code
from sinesp.microbatch.adapters.write_limits import WriteLimits
from sinesp.publication.model.sources import SourceKind
from sinesp.views.adapters.bulk_store import BulkStore
from sinesp.views.adapters.lake_slices import LakeSlices
from sinesp.views.adapters.view_writer import Write, write_all
from sinesp.views.model import places
from sinesp.views.model.plan import RefreshPlan, Slice, SliceReport
from sinesp.views.transforms.bulk import bulk_tables
from sinesp.views.transforms.coverage import coverage_rows
from sinesp.views.transforms.revisions import changed_cells, numbers, revisions_of, shared_ids, untidy_ids, with_news
from sinesp.views.transforms.states import CELL, current_of, region_states, states_of
from sinesp.views.transforms.year_rows import KEY, year_rows


@dataclass(frozen=True, slots=True)
class SliceWork:
    """What a Spark task needs to work on slices of a plan."""

    plan: RefreshPlan
    lake: str
    files: str
    cassandra: CassandraEndpoint
    limits: WriteLimits

    def __call__(self, part: Slice) -> dict[str, Any]:
        """Work on one slice; its report."""
        values, deletions = LakeSlices(self.plan.files, self.plan.added, self.lake).read(part)
        content = SliceContent.of(part, values, deletions)
        writes = SliceWrites(part, content, self.plan.write_time, self.plan.version)
        # Beside the writes, which wait for Cassandra: nobody looks at a file before the version is announced.
        with ThreadPoolExecutor(1) as beside:
            bulk = beside.submit(lambda: dict(self._bulk(part, content)))
            # In two goes: requests of one overtake each other, and no row may be seen before what undoes it.
            written = write_all(self.cassandra, self.limits, writes.changes())
            written += write_all(self.cassandra, self.limits, writes.rows())
            files = bulk.result()
        return asdict(
            SliceReport(
                part.fonte, part.ano, written, writes.deleted, writes.revised, content.changed, content.conflicts,
                content.last_month, sorted(content.revisions.filter("mudou_agora")["publicacao"].unique()),
                files,
            )
        )  # fmt: skip

    def _bulk(self, part: Slice, content: "SliceContent") -> Iterator[tuple[str, Mapping[str, Any]]]:
        store, touched = BulkStore(self.files), set(content.touched["tipo_crime"])
        cells = content.cells.filter(pl.col("tipo_crime").is_in(touched))
        for crime, table in bulk_tables(cells, part.fonte, part.ano, dict(units_of(part.fonte))):
            for suffix, entry in store.put(table).items():
                yield f"{part.fonte}-{crime}-{part.ano}.{suffix}", entry


@dataclass(frozen=True, slots=True)
class SliceContent:
    """Everything the views hold of a slice.

    `touched` are the keys (KEY, uf) of ids that have new records, `shared` the ids whose cell another one claims too.
    """

    states: pl.DataFrame
    cells: pl.DataFrame
    revisions: pl.DataFrame
    touched: pl.DataFrame
    shared: pl.Series
    conflicts: int

    @classmethod
    def of(cls, part: Slice, values: pl.DataFrame, deletions: pl.DataFrame) -> "SliceContent":
        """Compute it from the slice's records alone."""
        states = states_of(values, deletions, part.fonte)
        current, conflicts = current_of(states)
        columns = [*CELL, "uf", "nome", "vitimas", "ocorrencias", "situacao", "escrito"]
        cells = pl.concat([current.select(columns), region_states(current).select(columns)])
        touched = with_news(states).select(*KEY, "uf").unique()
        shared = shared_ids(states)
        revisions = revisions_of(states).filter(~pl.col("id").is_in(shared.implode()))
        return cls(states, cells, revisions, touched, shared, conflicts)

    @property
    def changed(self) -> int:
        """Cells that say something else since the new records."""
        return changed_cells(self.states)

    @property
    def last_month(self) -> str:
        """Last month with a record, two digits; empty when there is none."""
        return "" if self.cells.is_empty() else str(self.cells["mes"].max()).zfill(2)


@cache
def units_of(fonte: str) -> Mapping[str, str]:
    """Crime to the measure it is counted in, for one source."""
    return {c.slug: str(c.unit) for c in SourceKind(fonte).crimes if c.unit is not Unit.PESO}


class SliceWrites:
    """The rows of a slice to write and to delete, as statements bind them."""

    def __init__(self, part: Slice, content: SliceContent, write_time: int, version: int) -> None:
        self._part = part
        self._content = content
        self._at = write_time
        self._version = version
        self._units = units_of(part.fonte)
        self.deleted = 0
        self.revised = 0

    def changes(self) -> Iterator[Write]:
        """Publications and revisions: by these a reader undoes what is not announced yet, so they come first."""
        yield from self._releases()
        yield from self._revisions()

    def rows(self) -> Iterator[Write]:
        """Rows and coverage, those of one partition behind each other."""
        keys = self._touched_keys()
        named = pl.DataFrame(list(keys), schema=dict.fromkeys(KEY, pl.String), orient="row")
        rows = list(year_rows(self._content.cells.join(named, on=KEY, how="semi")))
        rows.sort(key=lambda r: (r["nivel"], r["codigo"]))
        yield from map(self._place, rows)
        rows.sort(key=lambda r: (r["tipo_crime"], r["nivel"]))
        yield from map(self._crime, rows)
        present = set(map(_key, rows))
        yield from self._vanished({key: uf for key, uf in keys.items() if key not in present})
        yield from self._coverage()

    def _touched_keys(self) -> dict[tuple[str, str, str], str]:
        """Keys of the touched cells and of the regions of touched states, with their uf."""
        keys: dict[tuple[str, str, str], str] = {}
        for level, code, crime, uf in self._content.touched.select(*KEY, "uf").iter_rows():
            keys[level, code, crime] = uf
            if level == places.ESTADO:
                keys[places.REGIAO, region_code(uf), crime] = ""
        return keys

    def _place(self, r: dict[str, Any]) -> Write:
        fonte, ano = self._part.fonte, self._part.ano
        key = (fonte, r["nivel"], r["codigo"])
        return Write("views_place_insert", key, (*key, r["tipo_crime"], ano, r["nome"], r["uf"], *self._months(r)))

    def _crime(self, r: dict[str, Any]) -> Write:
        key = (self._part.fonte, r["tipo_crime"], self._part.ano, r["nivel"])
        return Write("views_crime_insert", key, (*key, r["uf"], r["codigo"], r["nome"], *self._months(r)))

    def _months(self, r: dict[str, Any]) -> tuple[Any, ...]:
        unit = self._units.get(r["tipo_crime"], "vitimas")
        written = datetime.fromtimestamp(r["escrito"] / 1_000_000, UTC)
        return (unit, r["vitimas"], r["ocorrencias"], r["em_branco"], written, self._version, self._at)

    def _vanished(self, keys: dict[tuple[str, str, str], str]) -> Iterator[Write]:
        fonte, ano = self._part.fonte, self._part.ano
        for (level, code, crime), uf in keys.items():
            self.deleted += 1
            yield Write("views_place_delete", (fonte, level, code), (self._at, fonte, level, code, crime, ano))
            yield Write(
                "views_crime_delete", (fonte, crime, ano, level), (self._at, fonte, crime, ano, level, uf, code)
            )

    def _coverage(self) -> Iterator[Write]:
        fonte, ano = self._part.fonte, self._part.ano
        # Of every crime: the last month of the slice, which another crime may have told, is in each row.
        rows = list(coverage_rows(self._content.cells, dict(self._units)))
        for crime in sorted(set(self._content.touched["tipo_crime"]) - {r["tipo_crime"] for r in rows}):
            yield Write("views_coverage_delete", (fonte, crime, ano), (self._at, fonte, crime, ano))
        for r in rows:
            key = (fonte, r["tipo_crime"], ano)
            parts = (r["informados"], r["zeros"], r["em_branco"], r["ausentes"])
            values = (*key, r["uf"], r["nivel"], r["lugares"], *parts, self._version, self._at)
            yield Write("views_coverage_insert", key, values)

    def _revisions(self) -> Iterator[Write]:
        states, fonte = self._content.states, self._part.fonte
        untidy = states.filter(pl.col("id").is_in(untidy_ids(states, self._content.shared).implode()))
        for r in untidy.select(*CELL, "uf", "publicacao").unique().iter_rows(named=True):
            cell = (r["nivel"], r["codigo"], r["tipo_crime"], self._month(r))
            # Just before what is written next, which so stands.
            before = self._at - 1
            release = (fonte, r["publicacao"])
            yield Write("views_revision_delete", release, (before, *release, r["uf"], *cell))
            yield Write("views_place_revision_delete", (fonte, *cell[:2]), (before, fonte, *cell))
        touched = states.filter("novo").select("id").unique()
        listed = self._content.revisions.join(touched, on="id", how="semi").filter(~pl.col("primeira"))
        rows = listed.sort("publicacao", "uf").to_dicts()
        yield from map(self._revision, rows)
        rows.sort(key=lambda r: (r["nivel"], r["codigo"]))
        yield from map(self._place_revision, rows)
        self.revised = len(rows)

    def _revision(self, r: dict[str, Any]) -> Write:
        key = (self._part.fonte, r["publicacao"])
        where = (r["uf"], r["nivel"], r["codigo"], r["tipo_crime"], self._month(r), r["nome"])
        return Write("views_revision_insert", key, (*key, *where, *_before_after(r), r["instante"], self._at))

    def _place_revision(self, r: dict[str, Any]) -> Write:
        key = (self._part.fonte, r["nivel"], r["codigo"])
        where = (r["tipo_crime"], self._month(r), r["instante"], r["publicacao"], r["uf"], r["nome"])
        return Write("views_place_revision_insert", key, (*key, *where, *_before_after(r), self._at))

    def _releases(self) -> Iterator[Write]:
        fonte, ano = self._part.fonte, self._part.ano
        kind = (
            pl.when(pl.col("situacao_antes") == "ausente")
            .then(pl.lit("novos"))
            .when(pl.col("situacao") == "ausente")
            .then(pl.lit("excluidos"))
            .otherwise(pl.lit("alterados"))
        )
        counted = (
            self._content.revisions.with_columns(tipo=kind)
            .group_by("publicacao")
            .agg(*((pl.col("tipo") == name).sum().alias(name) for name in ("novos", "alterados", "excluidos")))
        )
        known = self._content.states.group_by("publicacao").agg(
            pl.coalesce("extraido_em", "instante").min().alias("quando"), pl.col("arquivos").first()
        )
        for r in known.join(counted, on="publicacao", how="left").sort("publicacao").iter_rows(named=True):
            first = FIRST_MARK in r["publicacao"]
            counts = (r["novos"] or 0, r["alterados"] or 0, r["excluidos"] or 0)
            values = (fonte, r["publicacao"], ano, r["quando"], first, r["arquivos"] or "", *counts, self._at)
            yield Write("views_release_insert", (fonte,), values)

    def _month(self, r: dict[str, Any]) -> str:
        return f"{self._part.ano}-{r['mes']:02d}"


def _key(r: dict[str, Any]) -> tuple[str, str, str]:
    return r["nivel"], r["codigo"], r["tipo_crime"]


def _before_after(r: dict[str, Any]) -> tuple[Any, ...]:
    before, after = numbers(r, "_antes"), numbers(r)
    return (r["situacao_antes"], before, r["situacao"], after, r["publicacao_antes"])
