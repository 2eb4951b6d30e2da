"""tb_versoes, tb_releases and the position of the views, as far as an operator looks."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from functools import reduce
from itertools import groupby
from typing import Any

from sinesp.clients.cassandra import CassandraSession
from sinesp.domain.view_tables import VIEWS_PIPELINE
from sinesp.monitoring.model.announced import Release, Version


class ViewsTables:
    """Reads only. Errors are those of `CassandraSession`."""

    def __init__(self, cassandra: CassandraSession) -> None:
        self._db = cassandra

    def newest(self) -> Version | None:
        """The version announced last; None before the first."""
        rows = self._db.run("monitoring_version", VIEWS_PIPELINE)
        return _version(rows[0]) if rows else None

    def applied(self) -> int:
        """The lake's version up to which the views were refreshed; -1 before the first refresh."""
        rows = self._db.run("checkpoint_read", VIEWS_PIPELINE)
        return int(json.loads(rows[0]["offsets"]).get("lake", -1)) if rows else -1

    def releases(self, source: str) -> list[Release]:
        """Every publication of a source the views have seen, in the order of their numbers; years added up."""
        rows = [_release(row) for row in self._db.run("monitoring_releases", source)]
        found = sorted((r for r in rows if r is not None), key=_publication)
        return [reduce(_together, years) for _, years in groupby(found, key=_publication)]


def _version(row: Mapping[str, Any]) -> Version:
    return Version(row["versao"], row["criado_em"].replace(tzinfo=UTC), row["lake_versao"], row["ultimo_mes"] or {})


def _publication(release: Release) -> tuple[str, int]:
    return (release.source, release.number)


def _together(one: Release, other: Release) -> Release:
    return replace(
        one,
        first=one.first and other.first,
        new=one.new + other.new,
        changed=one.changed + other.changed,
        removed=one.removed + other.removed,
    )


def _release(row: Mapping[str, Any]) -> Release | None:
    """None for records without a publication (`avulso/<day>`): they have no number and nothing before them."""
    source, _, rest = row["publicacao"].partition("/")
    number = rest.partition("-")[0]
    if source == "avulso" or not number.isdecimal():
        return None
    counts = (row[name] or 0 for name in ("novos", "alterados", "excluidos"))
    return Release(source, int(number), bool(row["primeira"]), *counts)
