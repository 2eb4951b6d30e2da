"""Which format a request asks for, and whether it may be compressed."""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType


class Formato(StrEnum):
    """Value of `formato=`."""

    JSON = "json"
    CSV = "csv"
    CSV_EXCEL = "csv-excel"
    PARQUET = "parquet"
    ARROW = "arrow"


MEDIA: Mapping[Formato, str] = MappingProxyType(
    {
        Formato.JSON: "application/json",
        Formato.CSV: "text/csv; charset=utf-8; header=present",
        Formato.CSV_EXCEL: "text/csv; charset=utf-8; header=present",
        Formato.PARQUET: "application/vnd.apache.parquet",
        Formato.ARROW: "application/vnd.apache.arrow.file",
    }
)
EXTENSION: Mapping[Formato, str] = MappingProxyType(
    {
        Formato.JSON: "json",
        Formato.CSV: "csv",
        Formato.CSV_EXCEL: "csv",
        Formato.PARQUET: "parquet",
        Formato.ARROW: "arrow",
    }
)

_ACCEPTED = {
    "application/json": Formato.JSON,
    "text/json": Formato.JSON,
    "text/csv": Formato.CSV,
    "application/vnd.apache.parquet": Formato.PARQUET,
    "application/vnd.apache.arrow.file": Formato.ARROW,
    # Whoever takes anything, and browsers, which take pages first.
    "*/*": Formato.JSON,
    "application/*": Formato.JSON,
    "text/*": Formato.CSV,
    "text/html": Formato.JSON,
    "application/xhtml+xml": Formato.JSON,
    "application/problem+json": Formato.JSON,
}


def negotiated(accept: str, asked: Formato | None) -> Formato | None:
    """The format asked for by parameter, else the best one `Accept` names; None when it names none of ours."""
    if asked is not None:
        return asked
    if not accept.strip():
        return Formato.JSON
    ranges = sorted(map(_weighed, accept.split(",")), key=lambda r: -r[1])
    return next((_ACCEPTED[name] for name, weight in ranges if weight > 0 and name in _ACCEPTED), None)


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: str) -> bool:
    """Whether the asker reads gzip: it is named, and not with weight 0."""
    return any(name in {"gzip", "x-gzip"} and weight > 0 for name, weight in map(_weighed, accept_encoding.split(",")))


def _weighed(entry: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in entry.split(";"))
    weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
    try:
        return name, float(weight)
    except ValueError:
        return name, 0.0
