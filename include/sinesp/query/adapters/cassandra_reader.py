"""The views in Cassandra: every read names the whole partition key."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sinesp.domain.view_tables import VIEWS_PIPELINE
from sinesp.query.adapters.cassandra_session import ReadingSession
from sinesp.query.model.reader import CrimeYear, PlaceKey
from sinesp.query.model.rows import CoverageRow, Key, Population, Release, Revision, Version, YearRow

_BEFORE, _AFTER = 9, 11
"""Where in a revision's row the numbers are."""


class CassandraReader:
    """A `ViewReader` over a session.

    Raises (any method):
        TransientError, ConfigurationError: see `ReadingSession`.
    """

    def __init__(self, session: ReadingSession) -> None:
        self._session = session

    async def current_version(self) -> Version | None:
        """The newest announced one."""
        found = await self._session.rows("view_version", VIEWS_PIPELINE)
        return _version(found[0]) if found else None

    async def versions(self) -> Sequence[Version]:
        """All of them, newest first."""
        return [_version(row) for row in await self._session.rows("view_versions", VIEWS_PIPELINE)]

    async def releases(self, fonte: str) -> Sequence[Release]:
        """The publications of a source."""
        return merged(_release(row) for row in await self._session.rows("view_releases", str(fonte)))

    async def place_years(self, place: PlaceKey, tipo_crime: str) -> Sequence[YearRow]:
        """All years of one place and crime, in order."""
        return [_year(row) for row in await self._session.rows("view_place", *_partition(place), tipo_crime)]

    async def crime_year(self, key: CrimeYear, uf: str | None = None) -> Sequence[YearRow]:
        """All places of a level (of one state) by (uf, codigo)."""
        values = (str(key.fonte), key.tipo_crime, key.ano, str(key.nivel))
        rows = await (
            self._session.rows("view_crime", *values)
            if uf is None
            else self._session.rows("view_crime_uf", *values, uf)
        )
        return [_year(row) for row in rows]

    async def coverage(self, fonte: str, tipo_crime: str, ano: int) -> Sequence[CoverageRow]:
        """By uf."""
        rows = await self._session.rows("view_coverage", str(fonte), tipo_crime, ano)
        return [_coverage(row) for row in rows]

    async def revisions(self, fonte: str, publicacao: str, uf: str | None = None) -> Sequence[Revision]:
        """What a publication changed, in the order of `Revision.place_in_list`."""
        values = (str(fonte), publicacao)
        rows = await (
            self._session.rows("view_revisions", *values)
            if uf is None
            else self._session.rows("view_revisions_uf", *values, uf)
        )
        return [_revision(row) for row in rows]

    async def revision_block(
        self, fonte: str, publicacao: str, uf: str | None, after: tuple[str, ...]
    ) -> Sequence[Revision]:
        """The next 2,000 of them behind `after`; empty at the end."""
        behind = after or ("", "", "", "", "")
        values = (str(fonte), publicacao)
        rows = await (
            self._session.rows("view_revisions_after", *values, *behind)
            if uf is None
            else self._session.rows("view_revisions_uf_after", *values, uf, *behind[1:])
        )
        return [_revision(row) for row in rows]

    async def place_revisions(self, place: PlaceKey, tipo_crime: str | None) -> Sequence[Revision]:
        """The history of a place's cells (of one crime), by crime, month and instant."""
        rows = await (
            self._session.rows("view_place_revisions", *_partition(place))
            if tipo_crime is None
            else self._session.rows("view_place_revisions_crime", *_partition(place), tipo_crime)
        )
        return [_revision(row) for row in rows]

    async def population(self, nivel: str) -> Mapping[tuple[str, int], Population]:
        """Of all places of a level, by code and year."""
        rows = await self._session.rows("view_population", str(nivel))
        return {(codigo, ano): Population(n, tipo, base) for codigo, ano, n, tipo, base in rows}


def _partition(place: PlaceKey) -> tuple[str, str, str]:
    # The client binds text by its exact type; the levels and sources of a question are enumerations.
    return (str(place.fonte), str(place.nivel), place.codigo)


def _year(row: tuple[Any, ...]) -> YearRow:
    *key, nome, uf, vitimas, ocorrencias, em_branco, versao = row
    months = (vitimas or {}, ocorrencias or {}, frozenset(em_branco or ()))
    return YearRow(Key(*key), nome or "", uf or "", *months, versao or 0)


def _coverage(row: tuple[Any, ...]) -> CoverageRow:
    uf, nivel, lugares, *maps, versao = row
    informed, zeros, blank, absent = (m or {} for m in maps)
    return CoverageRow(uf, nivel, lugares or 0, informed, zeros, blank, absent, versao or 0)


def _version(row: tuple[Any, ...]) -> Version:
    versao, criado_em, lake_versao, publicacoes, ultimo_mes, contagens = row
    return Version(versao, criado_em, lake_versao or 0, frozenset(publicacoes or ()), ultimo_mes or {}, contagens or {})


def _release(row: tuple[Any, ...]) -> Release:
    fonte, publicacao, extraido_em, primeira, arquivos, *counts = row
    return Release(fonte, publicacao, extraido_em, bool(primeira), arquivos, *(n or 0 for n in counts))


def merged(rows: Iterable[Release]) -> list[Release]:
    """One for each publication: the views may keep its parts apart, by year."""
    found: dict[str, Release] = {}
    for row in rows:
        known = found.get(row.publicacao)
        found[row.publicacao] = row if known is None else _together(known, row)
    return list(found.values())


def _together(a: Release, b: Release) -> Release:
    instants = [i for i in (a.extraido_em, b.extraido_em) if i is not None]
    counts = (a.novos + b.novos, a.alterados + b.alterados, a.excluidos + b.excluidos)
    first = a.primeira or b.primeira
    return Release(a.fonte, a.publicacao, min(instants, default=None), first, a.arquivos or b.arquivos, *counts)


def _revision(row: tuple[Any, ...]) -> Revision:
    values = list(row)
    for numbers in (_BEFORE, _AFTER):  # an empty frozen map is stored, none at all is read as null
        values[numbers] = values[numbers] or {}
    return Revision(*values)
