"""Plausibility of a release against the last version: blocks lost, blocks blanked, values moved by unusual factors.

Every bound is set by the official releases, which all pass (`docs/sources.md`, "Plausibilidade").
"""

from dataclasses import dataclass

import polars as pl

from sinesp.domain.crimes import VDE_EVENTS, Level
from sinesp.publication.model.publishing import Problem, ValueChange
from sinesp.publication.model.sources import SourceKind
from sinesp.publication.transforms.cells import ESTADO, MUNICIPIO
from sinesp.publication.transforms.changes import Changes
from sinesp.publication.transforms.levels import BRASIL, MEASURES
from sinesp.publication.transforms.plausibility import Doubt, hold_blocks, report_blocks

_BLOCK = ["uf", "ano", "mes", "tipo_crime"]
_FEWEST = 2
_BLOCK_SHARE = 0.5
_PLACES_MINIMUM = 5
_PLACES_SHARE = 0.2

_CHANGED_MINIMUM = 100
_CHANGED_SHARE = 0.25
_EMPTIED_MINIMUM = 4
_EMPTIED_SHARE = 0.4
_FACTOR_VALUE = 10
_FACTOR_CELLS = 3
_STATE_FACTOR = 4.0
_SERIES_FACTOR = 6.0

_BY_PLACE = [event.slug for event in VDE_EVENTS.values() if event.level is Level.MUNICIPIO]


@dataclass(frozen=True, slots=True)
class Revision:
    """Two versions side by side.

    `state_cells` has a row for each number a state's record had: `antes`, `depois`, and `existe` when the record is
    still there.
    """

    previous: pl.DataFrame
    changes: Changes
    state_cells: pl.DataFrame


def revise(previous: pl.DataFrame, current: pl.DataFrame, changes: Changes) -> Revision:
    """Put what was published (RECORDS_SCHEMA) beside what the source says now."""
    before = _numbers(previous.filter(pl.col("granularidade") == ESTADO), "antes").drop_nulls("antes")
    after = _numbers(current.filter(pl.col("granularidade") == ESTADO), "depois").select("id", "medida", "depois")
    return Revision(previous, changes, before.join(after.with_columns(existe=True), on=["id", "medida"], how="left"))


def lost_blocks(revision: Revision, kind: SourceKind) -> Doubt:
    """What was published and this release lacks as a block, so that a sum would be published smaller."""
    vanished = revision.changes.vanished
    blocks = [_lost_places(revision), _lost_states(revision, kind)]
    lost = pl.concat([vanished.clear().select(_BLOCK), *(b.select(_BLOCK) for b in blocks)]).unique()
    return _doubt(lost, Problem.BLOCO_SUMIDO)


def blanked_blocks(revision: Revision) -> Doubt:
    """Numbers of a state that would go to blank: at least half of a series, or of a month, and more than one."""
    cells = revision.state_cells.filter("existe")
    blank = pl.col("depois").is_null()
    series, month = ["uf", "tipo_crime", "medida"], ["uf", "ano", "mes", "medida"]
    many = [
        (blank.sum().over(group) >= _FEWEST) & (blank.sum().over(group) >= _BLOCK_SHARE * pl.len().over(group))
        for group in (series, month)
    ]
    return _doubt(cells.filter(blank & pl.any_horizontal(many)).select(_BLOCK).unique(), Problem.BLOCO_ESVAZIADO)


def refusals(revision: Revision) -> tuple[str, ...]:
    """Sentences for which nothing may be sent unless someone looked; empty for a plausible release."""
    sentences = (_changed(revision), _emptied(revision), _multiplied(revision))
    return tuple(sentence for sentence in sentences if sentence)


def largest_changes(revision: Revision, limit: int = 20) -> tuple[ValueChange, ...]:
    """The numbers that move furthest, national totals aside: their states tell more."""
    changes = revision.changes
    later = _numbers(changes.changed, "depois").select("id", "medida", "depois")
    ids = pl.concat([changes.changed.select("id"), changes.vanished.select("id")])
    old = revision.previous.filter(pl.col("granularidade") != BRASIL).join(ids, on="id", how="semi")
    both = _numbers(old, "antes").join(later, on=["id", "medida"], how="left")
    moved = both.filter(pl.col("antes").ne_missing(pl.col("depois"))).with_columns(
        distancia=(pl.col("antes").fill_null(0) - pl.col("depois").fill_null(0)).abs(),
        onde=pl.coalesce(pl.col("municipio") + "/" + pl.col("uf"), "uf", "lugar"),
    )
    top = moved.sort("distancia", "onde", "mes_ano", "tipo_crime", descending=[True, False, False, False]).head(limit)
    shown = top.select("onde", "mes_ano", "tipo_crime", "medida", "antes", "depois")
    return tuple(ValueChange(*row) for row in shown.iter_rows())


def _numbers(records: pl.DataFrame, name: str) -> pl.DataFrame:
    """Records with one row per measure: `medida` and its number under `name`."""
    parts = [
        records.with_columns(pl.lit(m).alias("medida"), pl.col(m).cast(pl.Int64, strict=False).alias(name))
        for m in MEASURES
    ]
    return pl.concat(parts)


def _doubt(blocks: pl.DataFrame, reason: Problem) -> Doubt:
    return Doubt(hold_blocks(blocks), report_blocks(blocks.sort(_BLOCK), reason, pl.lit("publicado antes")))


def _lost_places(revision: Revision) -> pl.DataFrame:
    gone = revision.changes.vanished.filter(pl.col("granularidade") == MUNICIPIO).group_by(_BLOCK).agg(sumidos=pl.len())
    before = revision.previous.filter(pl.col("granularidade") == MUNICIPIO)
    total = before.join(gone, on=_BLOCK, how="semi").group_by(_BLOCK).agg(total=pl.len())
    many = (pl.col("sumidos") >= _PLACES_MINIMUM) & (pl.col("sumidos") >= _PLACES_SHARE * pl.col("total"))
    return gone.join(total, on=_BLOCK).filter(many)


def _lost_states(revision: Revision, kind: SourceKind) -> pl.DataFrame:
    """State records gone while the country's total goes on without them, smaller."""
    gone = revision.changes.vanished.filter(pl.col("granularidade") == ESTADO)
    country = revision.changes.version.filter(pl.col("granularidade") == BRASIL)
    missed = gone.join(country, on=["ano", "mes", "tipo_crime"], how="semi")
    if kind is SourceKind.UF:
        # The UF workbook drops zeros of rare crimes in earnest (36 of PR, 16 of TO).
        return missed.filter(pl.any_horizontal(pl.col(m).cast(pl.Int64, strict=False) > 0 for m in MEASURES))
    return missed.join(_tiny(revision, missed), on=_BLOCK, how="anti") if kind is SourceKind.VDE else missed


def _tiny(revision: Revision, missed: pl.DataFrame) -> pl.DataFrame:
    """Blocks of an event kept by place that had few places and vanish alone: as likely a correction as a loss."""
    neighbours = (("uf", "tipo_crime"), ("uf", "ano", "mes"), ("ano", "mes", "tipo_crime"))
    alone = pl.all_horizontal(pl.len().over(group) < _FEWEST for group in neighbours)
    small = missed.filter(alone & pl.col("tipo_crime").is_in(_BY_PLACE))
    places = revision.previous.filter(pl.col("granularidade") == MUNICIPIO).join(small, on=_BLOCK, how="semi")
    many = places.group_by(_BLOCK).agg(n=pl.len()).filter(pl.col("n") >= _PLACES_MINIMUM)
    return small.join(many, on=_BLOCK, how="anti")


def _changed(revision: Revision) -> str:
    both = revision.state_cells.filter(pl.col("depois").is_not_null())
    states = both.filter(pl.col("antes") != pl.col("depois")).height
    if states >= _CHANGED_MINIMUM and states > _CHANGED_SHARE * both.height:
        return f"{states} dos {both.height} valores de UF mudariam"
    places, total = _changed_places(revision)
    if places >= _CHANGED_MINIMUM and places > _CHANGED_SHARE * total:
        return f"{places} dos {total} valores de município mudariam"
    return ""


def _changed_places(revision: Revision) -> tuple[int, int]:
    mine = revision.changes.changed.filter(pl.col("granularidade") == MUNICIPIO).select("id", *MEASURES)
    both = mine.join(revision.previous.select("id", *MEASURES), on="id", suffix="_antes")
    moved = pl.any_horizontal(
        pl.col(m).is_not_null() & pl.col(f"{m}_antes").is_not_null() & (pl.col(m) != pl.col(f"{m}_antes"))
        for m in MEASURES
    )
    return both.filter(moved).height, revision.previous.filter(pl.col("granularidade") == MUNICIPIO).height


def _emptied(revision: Revision) -> str:
    """Numbers that would go to blank or from something to zero: a column that was not read."""
    for group in ("uf", "medida"):
        emptied = pl.col("depois").is_null() | ((pl.col("depois") == 0) & (pl.col("antes") > 0))
        counted = revision.state_cells.filter("existe").group_by(group).agg(vazios=emptied.sum(), total=pl.len())
        many = (pl.col("vazios") >= _EMPTIED_MINIMUM) & (pl.col("vazios") >= _EMPTIED_SHARE * pl.col("total"))
        text = "{" + group + "}: {vazios} dos {total} valores de UF iriam para vazio ou zero"
        if sentence := _sentence(counted.filter(many).sort(group), text):
            return sentence
    return ""


def _multiplied(revision: Revision) -> str:
    """A state, or a crime of a state, in which the middle number moves by an unusual factor, up or down."""
    high, low = pl.max_horizontal("antes", "depois"), pl.min_horizontal("antes", "depois")
    cells = revision.state_cells.filter((low > 0) & (high >= _FACTOR_VALUE)).with_columns(fator=high / low)
    by_state = _moved(cells, ["uf"], _STATE_FACTOR)
    if not by_state.is_empty():
        return _sentence(by_state, "{uf}: valores mudariam por um fator mediano de {fator:.1f}")
    by_series = _moved(cells, ["uf", "tipo_crime"], _SERIES_FACTOR)
    return _sentence(by_series, "{uf}, {tipo_crime}: valores mudariam por um fator mediano de {fator:.1f}")


def _moved(cells: pl.DataFrame, group: list[str], bound: float) -> pl.DataFrame:
    factors = cells.group_by(group).agg(fator=pl.col("fator").median(), n=pl.len())
    return factors.filter((pl.col("n") >= _FACTOR_CELLS) & (pl.col("fator") >= bound)).sort(group)


def _sentence(rows: pl.DataFrame, text: str) -> str:
    shown = [text.format(**row) for row in rows.head(3).iter_rows(named=True)]
    more = f" (e mais {rows.height - 3})" if rows.height > 3 else ""
    return "; ".join(shown) + more
