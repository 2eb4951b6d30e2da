"""From records to states: what each id said, one after the other, and where in the views that belongs."""

from typing import Final

import polars as pl

from sinesp.domain import territory
from sinesp.domain.record_id import record_id
from sinesp.views.model import places

CELL: Final = ["nivel", "codigo", "tipo_crime", "mes"]
"""A cell of a slice: the number of one place, crime and month."""

_ORDER: Final = ["id", "escrito", "offset"]

_FORCES: Final = {"policia federal": "PF", "policia rodoviaria federal": "PRF"}


def states_of(values: pl.DataFrame, deletions: pl.DataFrame, fonte: str) -> pl.DataFrame:
    """The states of a slice's ids, in order: by id, write time and offset.

    Args:
        values: records of one source and year, in the lake's columns, and `novo` (came with the files just added).
        deletions: rows without a value whose ids are among the records', the same columns.
        fonte: name of the source.

    Returns:
        id, the cell, uf ('' where there is none), nome, vitimas and ocorrencias (Int64), situacao (`informado`,
        `em_branco`, `ausente`), escrito, publicacao, instante (when it became known, never before the state it
        replaces), arquivos, extraido_em, novo.
    """
    placed = _placed(values, fonte)
    where = placed.unique("id", keep="last").select("id", *CELL, "uf", "nome")
    told = pl.concat(
        [
            placed.select("id", *_TOLD, *_numbers(), _situation()),
            deletions.join(where, on="id", how="semi").select("id", *_TOLD, *_nothing(), situacao=pl.lit("ausente")),
        ]
    )
    label = pl.coalesce("publicacao", pl.lit("avulso/") + pl.col("instante").dt.strftime("%Y-%m-%d"))
    return (
        _dated(told.with_columns(publicacao=label)).sort(_ORDER).join(where, on="id", how="left", maintain_order="left")
    )


def _dated(told: pl.DataFrame) -> pl.DataFrame:
    """`instante` as the publication tells it, and never before the state it replaces."""
    known = pl.coalesce("extraido_em", "instante")
    # Nearly all ids have one state; a window costs each of them as much as a chain.
    chained = told["id"].is_duplicated()
    chains = told.filter(chained).sort(_ORDER).with_columns(instante=known.cum_max().over("id"))
    return pl.concat([told.filter(~chained).with_columns(instante=known), chains])


def current_of(states: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The newest state of each id that is not deleted; and how many cells are withheld since two ids claim them."""
    newest = states.unique("id", keep="last", maintain_order=True).filter(pl.col("situacao") != "ausente")
    shared = newest.select(CELL).is_duplicated()
    return newest.filter(~shared), newest.filter(shared).select(CELL).n_unique() if shared.any() else 0


_TOLD: Final = ("escrito", "offset", "instante", "extraido_em", "publicacao", "arquivos", "novo")


def _numbers() -> list[pl.Expr]:
    return [pl.col(name).cast(pl.Int64, strict=False) for name in ("vitimas", "ocorrencias")]


def _nothing() -> list[pl.Expr]:
    return [pl.lit(None, pl.Int64).alias("vitimas"), pl.lit(None, pl.Int64).alias("ocorrencias")]


def _situation() -> pl.Expr:
    blank = pl.col("vitimas").is_null() & pl.col("ocorrencias").is_null()
    return pl.when(blank).then(pl.lit("em_branco")).otherwise(pl.lit("informado")).alias("situacao")


def _placed(values: pl.DataFrame, fonte: str) -> pl.DataFrame:
    level = pl.col("granularidade")
    code = pl.col("uf").replace_strict(dict(territory.UF_CODES), default=None, return_dtype=pl.String)
    known = level.is_in([places.MUNICIPIO, places.ESTADO, places.BRASIL])
    rows = values.with_columns(
        mes=pl.col("mes").cast(pl.Int8, strict=False),
        nivel=pl.when(known).then(level).otherwise(pl.lit(places.OUTRO)),
        codigo=pl.when(level == places.MUNICIPIO)
        .then(pl.coalesce("codigo_municipio", code + territory.UNLOCATED_CODE))
        .when(level == places.ESTADO)
        .then(code)
        .when(level == places.BRASIL)
        .then(pl.lit(places.COUNTRY)),
        uf=pl.when(level == places.BRASIL).then(pl.lit("")).otherwise(pl.col("uf").fill_null("")),
    )
    others = rows["nivel"] == places.OUTRO
    if others.any():
        rows = pl.concat([rows.filter(~others), _with_forces(rows.filter(others), fonte)])
    names = {f"{level}/{code}": name for (level, code), name in places.place_names().items()}
    named = (pl.col("nivel") + "/" + pl.col("codigo")).replace_strict(names, default=None, return_dtype=pl.String)
    force = pl.col("uf") + " " + pl.col("codigo").str.split("-").list.last()
    rows = rows.with_columns(nome=pl.when(pl.col("nivel") == places.OUTRO).then(force).otherwise(named))
    return rows.filter(pl.all_horizontal(pl.col(*CELL, "nome").is_not_null()))


def _with_forces(rows: pl.DataFrame, fonte: str) -> pl.DataFrame:
    """Tell federal forces apart: nothing but the id says which."""
    found = []
    for row in rows.select("id", "uf", "ano", "mes", "tipo_crime").iter_rows(named=True):
        period = f"{row['ano']}-{row['mes']:02d}"
        fits = (
            short
            for force, short in _FORCES.items()
            if record_id(fonte, places.OUTRO, row["uf"], period, row["tipo_crime"], force) == row["id"]
        )
        found.append(f"{territory.UF_CODES.get(row['uf'], places.COUNTRY)}-{next(fits, 'outra')}")
    return rows.with_columns(codigo=pl.Series(found, dtype=pl.String))


def region_states(current: pl.DataFrame) -> pl.DataFrame:
    """Cells of the regions, from those of their states: the sum of what was told, blank where all is blank."""
    regions = {uf: territory.region_code(uf) for uf in territory.UFS}
    states = current.filter(pl.col("nivel") == places.ESTADO).with_columns(
        nivel=pl.lit(places.REGIAO),
        codigo=pl.col("uf").replace_strict(regions, default=None, return_dtype=pl.String),
        uf=pl.lit(""),
    )
    sums = [pl.when(pl.col(m).count() > 0).then(pl.col(m).sum()).alias(m) for m in ("vitimas", "ocorrencias")]
    cells = states.group_by(*CELL, "uf").agg(*sums, pl.col("escrito").max())
    names = {code: name for name, code in territory.REGION_CODES.items()}
    return cells.with_columns(_situation(), nome=pl.col("codigo").replace_strict(names, return_dtype=pl.String))
