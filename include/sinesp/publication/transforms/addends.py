"""Rows that are summed to one number without anything to tell them apart, and copies among them.

The VDE names neither the regions of Distrito Federal (33 rows per event and month in every official year) nor, in
releases with several, the rows without municipality. Equal rows among them are common and legitimate, so a pasted copy
shows in other ways only.
"""

from collections.abc import Mapping

import polars as pl

from sinesp.domain import territory
from sinesp.domain.territory import BRASILIA
from sinesp.publication.model.publishing import Problem
from sinesp.publication.transforms.cells import MUNICIPIO, PROBLEMS_SCHEMA, is_any, problems_of

CONTENT = "conteudo"
"""Hash of everything a row says; equal in equal rows."""

_KEY = ["lugar", "ano", "mes", "tipo_crime"]
_REGIONS = (30, 36)
"""A complete list: Distrito Federal had 31 regions until 2019, then 33, 35 since 2022; one row for none of them."""


def is_addend() -> pl.Expr:
    """Whether a readable row is a part of Brasília's or of the unlocated rows' number."""
    summed = (pl.col("lugar") == BRASILIA) | pl.col("lugar").str.ends_with(":NI")
    return (pl.col("motivo").is_null() & (pl.col("nivel") == MUNICIPIO) & summed).fill_null(value=False)


def without_copied_tables(tables: Mapping[str, pl.DataFrame]) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """The tables but those that only repeat rows of another, in any order, and a problem for each of these.

    Args:
        tables: of one source, with CONTENT.
    """
    kept: dict[str, pl.DataFrame] = {}
    copied = []
    for name, table in sorted(tables.items(), key=lambda item: -item[1].height):
        original = next((other for other, rows in kept.items() if _is_part_of(table, rows)), None)
        if original is None:
            kept[name] = table
        else:
            copied.append((name, 0, str(Problem.PLANILHA_COPIADA), f"{table.height} linhas de {original}"))
    return kept, pl.DataFrame(copied, schema=PROBLEMS_SCHEMA, orient="row")


def _is_part_of(table: pl.DataFrame, other: pl.DataFrame) -> bool:
    # Regions alone may be the rest of Distrito Federal, which happens to be like what is in the other sheet.
    alone = is_any(table, "municipio", territory.is_unlocated) | is_any(table, "uf", _is_federal_district)
    if table.filter(~alone).is_empty():
        return False
    counted = (
        table[CONTENT]
        .value_counts(name="vezes")
        .join(other[CONTENT].value_counts(name="vezes"), on=CONTENT, how="left", suffix="_no_outro")
    )
    return bool((counted["vezes"] <= counted["vezes_no_outro"].fill_null(0)).all())


def _is_federal_district(uf: str) -> bool:
    return territory.uf_of(uf) == "DF"


def mark_copied_addends(rows: pl.DataFrame) -> pl.DataFrame:
    """Give PARCELAS_REPETIDAS as `motivo` to addends of a number that seems to count something twice.

    That is when its rows come from several tables; when each is there two or three times; when some lie in a pasted
    block, seen by a repeated row of another place in it; or when there are more than Distrito Federal has regions.

    Args:
        rows: interpreted rows of all tables in the order of the file, with CONTENT.
    """
    addends = rows.filter(is_addend())
    if addends.height == addends.select(_KEY).n_unique():
        return rows
    groups = addends.join(_in_pasted_blocks(rows), on=["planilha", "linha"], how="left").group_by(_KEY)
    doubtful = groups.agg(copia=_seems_copied()).filter("copia").select(_KEY, copia=pl.lit(value=True))
    marked = rows.join(doubtful, on=_KEY, how="left", maintain_order="left", nulls_equal=False)
    copied = is_addend() & pl.col("copia").fill_null(value=False)
    reason = pl.when(copied).then(pl.lit(str(Problem.PARCELAS_REPETIDAS))).otherwise("motivo")
    return marked.with_columns(motivo=reason).drop("copia")


def _seems_copied() -> pl.Expr:
    times = pl.col(CONTENT).value_counts().struct.field("count")
    of_regions = pl.col("lugar").first() == BRASILIA
    # Thirty zeros and three ones are in the official files: in a complete list all may come in threes by chance.
    complete = of_regions & pl.len().is_between(*_REGIONS)
    # Copies of nothing but zeros and blanks add nothing, and a month of zeros is common.
    repeated = ((times % 2 == 0).all() | (times % 3 == 0).all()) & (pl.col("valor").sum() > 0) & ~complete
    too_many = of_regions & (pl.len() > _REGIONS[1])
    spread = pl.col("planilha").n_unique() > 1
    return repeated | too_many | spread | pl.col("colada").any()


def _in_pasted_blocks(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in a run of repeated rows of which at least one can have no equal: its place has one row a month."""
    known = pl.col("motivo").is_null() & pl.col("lugar").is_not_null()
    marked = rows.select(
        "planilha",
        "linha",
        repetida=~pl.col(CONTENT).is_first_distinct(),
        testemunha=~is_addend() & known,
    )
    runs = marked.with_columns(bloco=pl.struct("planilha", "repetida").rle_id()).filter("repetida")
    pasted = runs.filter(pl.col("testemunha").any().over("bloco"))
    return pasted.select("planilha", "linha", colada=pl.lit(value=True))


def warn_of_unlocated(rows: pl.DataFrame) -> pl.DataFrame:
    """Problems for the second and further rows without municipality of a state, month and event: they are summed."""
    unlocated = rows.filter(is_addend() & (pl.col("lugar") != BRASILIA))
    several = unlocated.filter(pl.int_range(pl.len()).over(_KEY) > 0)
    return problems_of(several, pl.lit(value=True), Problem.PARCELAS_SOMADAS, pl.col("original"))
