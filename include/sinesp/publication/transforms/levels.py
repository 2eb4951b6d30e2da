"""From numbers to totals: repeated rows settled first, then summed to municipality, state and country."""

from dataclasses import replace

import polars as pl

from sinesp.domain import territory
from sinesp.publication.model.publishing import Problem
from sinesp.publication.transforms.cells import (
    ESTADO,
    HELD_SCHEMA,
    KEY_SCHEMA,
    MUNICIPIO,
    OUTRO,
    PROBLEMS_SCHEMA,
    Reading,
)
from sinesp.publication.transforms.doubts import without_doubtful_forces

BRASIL = "brasil"
_NUMBER_KEY = ["nivel", *KEY_SCHEMA, "abrangencia", "parte", "medida"]
_GROUP = ["uf", "lugar", "ano", "mes", "tipo_crime", "abrangencia"]
MEASURES = ("vitimas", "ocorrencias")


def settle_repeated(reading: Reading) -> Reading:
    """Keep one of several rows of one key with equal values; hold the key when they differ. Both are reported.

    Addends the source tells apart (sex, agent, region of Distrito Federal…) differ in `parte` and are no repetition.
    """
    reading = settle_mixed(reading)
    cells = reading.cells
    repeated = cells.select(_NUMBER_KEY).is_duplicated()
    if not repeated.any():
        return reading
    same = cells.filter(repeated).with_columns(
        valores=pl.col("valor").n_unique().over(_NUMBER_KEY), ordem=pl.int_range(pl.len()).over(_NUMBER_KEY)
    )
    equal, conflicting = same.filter(pl.col("valores") == 1), same.filter(pl.col("valores") > 1)
    kept = equal.filter(pl.col("ordem") == 0).select(cells.columns)
    return Reading(
        reading.rows,
        without_doubtful_forces(pl.concat([cells.filter(~repeated), kept]), conflicting),
        pl.concat(
            [
                reading.problems,
                _report(equal.filter(pl.col("ordem") > 0), Problem.REPETIDA_IGUAL),
                _report(conflicting, Problem.REPETIDA_CONFLITANTE),
            ]
        ),
        pl.concat([reading.held, conflicting.select(HELD_SCHEMA.names()).unique()]),
    )


def settle_mixed(reading: Reading) -> Reading:
    """Hold a state's number that is there both split (by sex, agent…) and whole: one is the sum of the other."""
    whole = pl.col("parte") == ""
    key = [c for c in _NUMBER_KEY if c != "parte"]
    mixed = reading.cells.filter(pl.col("nivel") == ESTADO).filter((whole.any() & (~whole).any()).over(key))
    if mixed.is_empty():
        return reading
    return replace(
        reading.with_problems(_report(mixed, Problem.PARCELA_E_TOTAL)),
        cells=reading.cells.join(mixed.select(key).unique(), on=key, how="anti", maintain_order="left"),
        held=pl.concat([reading.held, mixed.select(HELD_SCHEMA.names()).unique()]),
    )


def sum_levels(cells: pl.DataFrame) -> pl.DataFrame:
    """Totals per (granularidade, place, month, crime, abrangencia); null where everything below is blank.

    Returns: `granularidade`, the group columns, `vitimas` and `ocorrencias` (Int64).
    """
    wide = cells.with_columns(pl.when(pl.col("medida") == m).then(pl.col("valor")).alias(m) for m in MEASURES)
    places = _sum(wide.filter(pl.col("nivel") == MUNICIPIO), _GROUP)
    states = _sum(wide.filter(pl.col("nivel") != OUTRO).with_columns(lugar="uf"), _GROUP)
    no_place = _sum(wide.filter(pl.col("nivel") == OUTRO), _GROUP)
    country = _sum(states.with_columns(pl.lit(None, pl.String).alias("uf"), pl.lit("BR").alias("lugar")), _GROUP)
    named = {MUNICIPIO: places, ESTADO: states, BRASIL: country, OUTRO: no_place}
    return pl.concat([frame.select(pl.lit(level).alias("granularidade"), pl.all()) for level, frame in named.items()])


def absent_states(reading: Reading) -> list[str]:
    """States a source says nothing about: no national total can be made, nor have that state's records vanished."""
    # What a federal force did in a state says nothing about that state's own figures.
    own = [f.filter(pl.col("nivel").ne_missing(OUTRO))["uf"].unique() for f in (reading.cells, reading.held)]
    seen = {uf for ufs in own for uf in ufs}
    return sorted(set(territory.UFS) - seen)


def hold_absent(reading: Reading, source: str) -> Reading:
    """Report and hold the states a source says nothing about."""
    absent = absent_states(reading)
    reason = str(Problem.UF_AUSENTE)
    problems = pl.DataFrame([(source, 0, reason, uf) for uf in absent], schema=PROBLEMS_SCHEMA, orient="row")
    held = pl.DataFrame([(None, uf, None, None, None, None) for uf in absent], schema=HELD_SCHEMA, orient="row")
    return replace(reading.with_problems(problems), held=pl.concat([reading.held, held]))


def _sum(frame: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    totals = [pl.when(pl.col(m).count() > 0).then(pl.col(m).sum()).alias(m) for m in MEASURES]
    return frame.group_by(keys).agg(totals)


def _report(rows: pl.DataFrame, reason: Problem) -> pl.DataFrame:
    key = [pl.col(c).cast(pl.String).fill_null("") for c in ("uf", "lugar", "tipo_crime", "ano", "mes", "parte")]
    value = pl.concat_str([*key, pl.col("valor").cast(pl.String).fill_null("em branco")], separator=" | ")
    return rows.select("planilha", "linha", motivo=pl.lit(str(reason)), valor=value)
