"""What changed between the last published version and the source as it is now."""

from dataclasses import dataclass

import polars as pl

from sinesp.publication.transforms.cells import DESCONHECIDO, ESTADO, HELD_SCHEMA, MUNICIPIO, OUTRO, PARCELA
from sinesp.publication.transforms.levels import BRASIL, MEASURES
from sinesp.publication.transforms.partial_keys import match_partial
from sinesp.publication.transforms.records import CONTENT_FIELDS, RECORDS_SCHEMA

_LEVEL_KEYS = {
    MUNICIPIO: ("uf", "lugar", "ano", "mes", "tipo_crime"),
    ESTADO: ("uf", "ano", "mes", "tipo_crime"),
    BRASIL: ("ano", "mes", "tipo_crime"),
    OUTRO: ("uf", "ano", "mes", "tipo_crime"),
}
_CONCERNED_BY = {
    MUNICIPIO: (MUNICIPIO, ESTADO, PARCELA, DESCONHECIDO),
    ESTADO: (MUNICIPIO, ESTADO, PARCELA),
    BRASIL: (MUNICIPIO, ESTADO, PARCELA),
    OUTRO: (OUTRO,),
}
"""A key held at an unknown level (null) concerns them all."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What to send and what to remember. Frames have RECORDS_SCHEMA; `vanished` has what was last published."""

    new: pl.DataFrame
    changed: pl.DataFrame
    repaired: pl.DataFrame
    vanished: pl.DataFrame
    kept: pl.DataFrame
    version: pl.DataFrame

    @property
    def values(self) -> pl.DataFrame:
        """Records to send with their values."""
        return pl.concat([self.new, self.changed, self.repaired])


def withhold(records: pl.DataFrame, held: pl.DataFrame, *, whole_country: bool) -> pl.DataFrame:
    """Leave out the records something unreadable belongs to, and the sums it would enter.

    Args:
        records: RECORDS_SCHEMA.
        held: HELD_SCHEMA; only keys known down to a record's level withhold it.
        whole_country: every state is in the source; otherwise no national total is left.
    """
    touched = pl.concat([_touched(records, held, level, exactly=True) for level in _LEVEL_KEYS])
    left = records.join(touched, on="id", how="anti", maintain_order="left")
    return left if whole_country else left.filter(pl.col("granularidade") != BRASIL)


def compare(previous: pl.DataFrame, current: pl.DataFrame, held: pl.DataFrame, pending: pl.DataFrame) -> Changes:
    """Compare two versions by id.

    Args:
        previous: last published version (RECORDS_SCHEMA).
        current: what the source says now, without what is withheld.
        held: HELD_SCHEMA; a record missing from `current` that one of these keys may concern has not vanished.
        pending: `id` and `granularidade` of sends that were begun and never confirmed: sent again whatever their value,
            those that are kept with the value last published.
    """
    is_new, differs = _new_and_different(previous, current)
    is_pending = current["id"].is_in(pending["id"].implode())
    gone = previous.join(current.select("id"), on="id", how="anti")
    doubtful = pl.concat([_touched(gone, held, level, exactly=False) for level in _LEVEL_KEYS])
    kept = gone.join(doubtful, on="id", how="semi")
    vanished = gone.join(doubtful, on="id", how="anti")
    return Changes(
        new=current.filter(is_new),
        changed=current.filter(differs),
        repaired=pl.concat([current.filter(is_pending & ~is_new & ~differs), _unsettled(kept, pending)]),
        vanished=pl.concat([vanished, _never_confirmed(pending, current, previous)]),
        kept=kept,
        version=pl.concat([current, kept]),
    )


def count_emptied(previous: pl.DataFrame, changed: pl.DataFrame) -> int:
    """How many changed records lose a number: it was there in the last version and is blank now."""
    both = changed.select("id", *MEASURES).join(previous.select("id", *MEASURES), on="id", suffix="_antes")
    lost = pl.any_horizontal(pl.col(m).is_null() & pl.col(f"{m}_antes").is_not_null() for m in MEASURES)
    return both.filter(lost).height


def _new_and_different(previous: pl.DataFrame, current: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Whether each current record is new, and whether it is known with other content (by field, to spare memory)."""
    rows = previous.select("id", antes=pl.int_range(pl.len(), dtype=pl.UInt32))
    before = current.select("id").join(rows, on="id", how="left", maintain_order="left")["antes"]
    is_new = before.is_null()
    differs = pl.repeat(False, current.height, eager=True)
    for field in CONTENT_FIELDS:
        differs |= current[field].ne_missing(previous[field].gather(before))
    return is_new, differs & ~is_new


def _unsettled(kept: pl.DataFrame, pending: pl.DataFrame) -> pl.DataFrame:
    """Kept records an interrupted run may have changed or deleted downstream: what was last published must stand."""
    return kept.join(pending, on="id", how="semi")


def _never_confirmed(pending: pl.DataFrame, current: pl.DataFrame, previous: pl.DataFrame) -> pl.DataFrame:
    """Ids an interrupted run may have sent that are in no version: unless deleted they would stay for ever."""
    ghosts = pending.join(current, on="id", how="anti").join(previous, on="id", how="anti")
    return pl.concat([RECORDS_SCHEMA.to_frame(), ghosts], how="diagonal").select(RECORDS_SCHEMA.names())


def _touched(records: pl.DataFrame, held: pl.DataFrame, level: str, *, exactly: bool) -> pl.DataFrame:
    """Ids of a level's records that held keys may concern; with `exactly`, only those keys known down to this level."""
    keys = list(_LEVEL_KEYS[level])
    concerned = held.filter(pl.col("nivel").is_null() | pl.col("nivel").is_in(_CONCERNED_BY[level]))
    if records.is_empty() or concerned.is_empty():
        return records.clear().select("id")
    concerned = _as_text(concerned).select(keys)
    mine = records.filter(pl.col("granularidade") == level).select("id", *keys)
    return match_partial(mine, concerned.drop_nulls() if exactly else concerned, keys).select("id").unique()


def _as_text(held: pl.DataFrame) -> pl.DataFrame:
    return held.select(HELD_SCHEMA.names()).with_columns(
        pl.col("ano").cast(pl.String), pl.col("mes").cast(pl.String).str.zfill(2)
    )
