"""What the use cases ask of the views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sinesp.query.model.rows import CoverageRow, Population, Release, Revision, Version, YearRow


@dataclass(frozen=True, slots=True)
class CrimeYear:
    """A partition of `tb_por_crime`."""

    fonte: str
    tipo_crime: str
    ano: int
    nivel: str


@dataclass(frozen=True, slots=True)
class PlaceKey:
    """A partition of `tb_por_lugar` and of `tb_revisoes_por_lugar`."""

    fonte: str
    nivel: str
    codigo: str


class ViewReader(Protocol):
    """Reads by whole partition key, never by anything else.

    Raises (any method):
        TransientError: the views do not answer.
        ConfigurationError: they refuse who we are, or are not there.
    """

    async def current_version(self) -> Version | None:
        """The newest announced one."""
        ...

    async def versions(self) -> Sequence[Version]:
        """All of them, newest first."""
        ...

    async def releases(self, fonte: str) -> Sequence[Release]:
        """The publications of a source."""
        ...

    async def place_years(self, place: PlaceKey, tipo_crime: str) -> Sequence[YearRow]:
        """All years of one place and crime, in order."""
        ...

    async def crime_year(self, key: CrimeYear, uf: str | None = None) -> Sequence[YearRow]:
        """All places of a level (of one state when `uf` is given) by (uf, codigo)."""
        ...

    async def coverage(self, fonte: str, tipo_crime: str, ano: int) -> Sequence[CoverageRow]:
        """By uf."""
        ...

    async def revisions(self, fonte: str, publicacao: str, uf: str | None = None) -> Sequence[Revision]:
        """What a publication changed, in the order of `Revision.place_in_list`."""
        ...

    async def revision_block(
        self, fonte: str, publicacao: str, uf: str | None, after: tuple[str, ...]
    ) -> Sequence[Revision]:
        """The next few thousand of them behind `after` (the `place_in_list` of one; empty: from the first)."""
        ...

    async def place_revisions(self, place: PlaceKey, tipo_crime: str | None) -> Sequence[Revision]:
        """The history of a place's cells (of one crime), by crime, month and instant."""
        ...

    async def population(self, nivel: str) -> Mapping[tuple[str, int], Population]:
        """Of all places of a level, by code and year."""
        ...
