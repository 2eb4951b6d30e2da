"""Sheets nobody sees: they are not counted, and what only they have is not taken for gone either."""

import polars as pl

from sinesp.domain import territory
from sinesp.publication.transforms.cells import HELD_SCHEMA, Reading, Tables
from sinesp.publication.transforms.doubts import sums_in_doubt

_MEASURES = ("ocorrencias", "vitimas", "total_vitima")
_NO_KEY = {*_MEASURES, "total", "total_peso", "feminino", "masculino", "nao_informado", "linha", "truncada"}
_STATES = ("sigla uf", "uf")


def hold_hidden(reading: Reading, hidden: Tables, shown: Tables) -> Reading:
    """Hold what hidden sheets have and no visible one has under the same labels, whatever its number.

    Nothing of the states these rows name is deleted, and their sums are withheld.
    """
    states = {_state(uf) for table in hidden.values() for uf in _states_of_unseen(table, shown)}
    # A state that only a hidden sheet names must still count as absent: no national total may be made without it.
    seen = set(reading.cells["uf"].unique())
    keys = {state if state in seen else None for state in states}
    held = pl.DataFrame([(None, uf, None, None, None, None) for uf in keys], schema=HELD_SCHEMA, orient="row")
    return reading.with_held(pl.concat([held, sums_in_doubt(reading.cells, held)]))


def _state(text: str | None) -> str | None:
    return territory.uf_of(text) if text else None


def _states_of_unseen(table: pl.DataFrame, shown: Tables) -> list[str | None]:
    """What the rows whose key is in no visible table have for a state; none of a sheet that is no table of ours."""
    measure = next((c for c in _MEASURES if c in table.columns), None)
    for other in shown.values():
        if measure in other.columns:
            key = sorted({*table.columns} & {*other.columns} - _NO_KEY)
            table = table.join(other.select(key).unique(), on=key, how="anti", nulls_equal=True)
    column = next((c for c in _STATES if c in table.columns), None)
    return table[column].unique().to_list() if column else []
