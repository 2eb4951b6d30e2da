"""Views held in memory: for tests, and for whoever tries the API without a server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sinesp.query.model.reader import CrimeYear, PlaceKey
from sinesp.query.model.rows import CoverageRow, Population, Release, Revision, Version, YearRow


@dataclass
class MemoryReader:
    """A `ViewReader` over lists; `reads` counts the calls by name."""

    rows: list[YearRow] = field(default_factory=list)
    known_versions: list[Version] = field(default_factory=list)
    known_releases: list[Release] = field(default_factory=list)
    known_revisions: list[Revision] = field(default_factory=list)
    known_coverage: dict[tuple[str, str, int], list[CoverageRow]] = field(default_factory=dict)
    inhabitants: dict[str, dict[tuple[str, int], Population]] = field(default_factory=dict)
    reads: dict[str, int] = field(default_factory=dict)
    block: int = 2
    """Revisions of one block: few, so that a test passes its border."""

    def _count(self, name: str) -> None:
        self.reads[name] = self.reads.get(name, 0) + 1

    async def current_version(self) -> Version | None:
        """The newest one."""
        self._count("current_version")
        return max(self.known_versions, key=lambda v: v.versao, default=None)

    async def versions(self) -> Sequence[Version]:
        """Newest first."""
        self._count("versions")
        return sorted(self.known_versions, key=lambda v: -v.versao)

    async def releases(self, fonte: str) -> Sequence[Release]:
        """Of the source, by name."""
        return sorted((r for r in self.known_releases if r.fonte == fonte), key=lambda r: r.publicacao)

    async def place_years(self, place: PlaceKey, tipo_crime: str) -> Sequence[YearRow]:
        """By year."""
        self._count("place_years")
        found = (r for r in self.rows if _is_of(r, place) and r.key.tipo_crime == tipo_crime)
        return sorted(found, key=lambda r: r.key.ano)

    async def crime_year(self, key: CrimeYear, uf: str | None = None) -> Sequence[YearRow]:
        """By (uf, codigo)."""
        self._count("crime_year")
        found = (r for r in self.rows if _is_in(r, key) and uf in {None, r.uf})
        return sorted(found, key=lambda r: (r.uf, r.key.codigo))

    async def coverage(self, fonte: str, tipo_crime: str, ano: int) -> Sequence[CoverageRow]:
        """By uf."""
        self._count("coverage")
        return sorted(self.known_coverage.get((fonte, tipo_crime, ano), []), key=lambda r: r.uf)

    async def revisions(self, fonte: str, publicacao: str, uf: str | None = None) -> Sequence[Revision]:
        """By (uf, nivel, codigo, tipo_crime, mes)."""
        found = (
            r for r in self.known_revisions if r.fonte == fonte and r.publicacao == publicacao and uf in {None, r.uf}
        )
        return sorted(found, key=lambda r: r.place_in_list)

    async def revision_block(
        self, fonte: str, publicacao: str, uf: str | None, after: tuple[str, ...]
    ) -> Sequence[Revision]:
        """At most `block` of them."""
        listed = await self.revisions(fonte, publicacao, uf)
        return [r for r in listed if r.place_in_list > after][: self.block]

    async def place_revisions(self, place: PlaceKey, tipo_crime: str | None) -> Sequence[Revision]:
        """By (tipo_crime, mes, instante)."""
        found = (
            r
            for r in self.known_revisions
            if PlaceKey(r.fonte, r.nivel, r.codigo) == place and tipo_crime in {None, r.tipo_crime}
        )
        return sorted(found, key=lambda r: (r.tipo_crime, r.mes, r.instante, r.publicacao))

    async def population(self, nivel: str) -> Mapping[tuple[str, int], Population]:
        """By code and year."""
        return self.inhabitants.get(nivel, {})


def _is_of(row: YearRow, place: PlaceKey) -> bool:
    return (row.key.fonte, row.key.nivel, row.key.codigo) == (place.fonte, place.nivel, place.codigo)


def _is_in(row: YearRow, key: CrimeYear) -> bool:
    return (row.key.fonte, row.key.tipo_crime, row.key.ano, row.key.nivel) == (
        key.fonte,
        key.tipo_crime,
        key.ano,
        key.nivel,
    )
