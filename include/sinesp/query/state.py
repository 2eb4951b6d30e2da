"""Which state of the views a question is about, and the rows of it.

A refresh under way writes rows before it announces their version. Whoever reads an announced version undoes what the
publications behind it changed, so that no answer is half of one release and half of another.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from sinesp.domain.view_tables import REMADE
from sinesp.query.clock import VersionClock
from sinesp.query.model.catalogue import Fonte
from sinesp.query.model.places import Nivel, Place, places, states_of_region
from sinesp.query.model.questions import Moment
from sinesp.query.model.reader import CrimeYear, PlaceKey, ViewReader
from sinesp.query.model.refusals import GoneError, UnknownError, refuse
from sinesp.query.model.rows import Release, Revision, Version, YearRow
from sinesp.query.population import PopulationBook
from sinesp.query.release_book import ReleaseBook
from sinesp.query.transforms.regions import region_rows
from sinesp.query.transforms.undo import undone

TIME_ZONE = ZoneInfo("America/Sao_Paulo")
"""Whose days `em=` names."""

MOST_UNDONE = 300_000
"""Revisions that one question may have undone; a refusal beyond it says how to ask for less."""

_IN_FLIGHT = 16
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class QueryPorts:
    """What the use cases read from."""

    reader: ViewReader
    clock: VersionClock
    population: PopulationBook
    releases: ReleaseBook


def query_ports(reader: ViewReader) -> QueryPorts:
    """The ports over a reader."""
    return QueryPorts(reader, VersionClock(reader), PopulationBook(reader), ReleaseBook(reader))


@dataclass(frozen=True, slots=True)
class State:
    """A version, what was announced up to it, and the day AAAA-MM-DD asked for with its last instant.

    `split`: publications announced by then of which a later version has the rest, and the last such version.
    """

    version: Version
    announced: frozenset[str]
    day: str | None = None
    until: datetime | None = None
    split: Mapping[str, int] = field(default_factory=dict)

    def holds(self, release: Release) -> bool:
        """Whether the publication is part of this state."""
        late = self.until is not None and release.extraido_em is not None and release.extraido_em > self.until
        return release.publicacao in self.announced and not late

    def undoes(self, revision: Revision) -> bool:
        """Whether this state is from before the revision."""
        late = self.until is not None and revision.instante > self.until
        return late or revision.publicacao not in self.announced


async def resolve(ports: QueryPorts, moment: Moment) -> State:
    """The state a question is about.

    Raises:
        TransientError, ConfigurationError: of the clock.
        UnknownError: the version asked for never was.
    """
    versions = await ports.clock.versions(moment.versao or 0)
    number = versions[0].versao if moment.versao is None else moment.versao
    found = next((v for v in versions if v.versao == number), None)
    if found is None:
        raise UnknownError(f"Não existe a versão {number}; veja as versões em /api/v1/versoes.")
    announced = frozenset(p for v in versions if v.versao <= number for p in v.publicacoes)
    until = end_of_day(moment.em) if moment.em else None
    return State(found, announced, moment.em, until, split_publications(versions, number))


def split_publications(versions: Sequence[Version], number: int) -> dict[str, int]:
    """Publications announced up to a version of which a later one has the rest, and the last such version.

    Args:
        versions: all of them, newest first.
    """
    later = [v for v in versions if v.versao > number and not v.contagens.get(REMADE)]
    if not later:
        return {}
    announced = frozenset(p for v in versions if v.versao <= number for p in v.publicacoes)
    return {p: v.versao for v in reversed(later) for p in v.publicacoes & announced}


def ensure_whole(state: State, fonte: str) -> None:
    """That the state of a source can still be told from the ones after it.

    Raises:
        GoneError: a publication came into its version in part: which of its changes came first is not known any more.
    """
    completed_by = max((v for p, v in state.split.items() if p.startswith((fonte, "avulso"))), default=0)
    if completed_by:
        raise GoneError(
            f"Na versão {state.version.versao} uma publicação estava em parte, e a {completed_by} a completou: os "
            f"números de então não podem mais ser refeitos. Peça versao={completed_by}, ou um dia, com em=."
        )


def end_of_day(day: str) -> datetime:
    """The last instant of a day AAAA-MM-DD in Brasília, in UTC."""
    following = date.fromisoformat(day) + timedelta(days=1)
    return datetime.combine(following, time(), TIME_ZONE).astimezone(UTC) - timedelta(microseconds=1)


def beginning_of_day(day: str) -> datetime:
    """The first instant of a day AAAA-MM-DD in Brasília, in UTC."""
    return datetime.combine(date.fromisoformat(day), time(), TIME_ZONE).astimezone(UTC)


async def place_rows(ports: QueryPorts, state: State, fonte: Fonte, place: Place, crime: str) -> list[YearRow]:
    """All years of one place and crime.

    Raises:
        GoneError: see `ensure_whole`.
    """
    ensure_whole(state, fonte)
    key = PlaceKey(fonte, place.nivel, place.codigo)
    rows = list(await ports.reader.place_years(key, crime))
    # After the rows: what a refresh writes before them is then seen as well.
    releases = await ports.releases.of(fonte)
    if not _differs(state, releases):
        return rows
    if place.nivel is Nivel.REGIAO:  # computed, without revisions of its own
        states = await gathered([place_rows(ports, state, fonte, s, crime) for s in states_of_region(place.codigo)])
        return region_rows(place, (row for part in states for row in part))
    revisions = await ports.reader.place_revisions(key, crime)
    return _known(state, releases, undone(rows, revisions, state.undoes))


async def crime_rows(ports: QueryPorts, state: State, key: CrimeYear, uf: str | None = None) -> list[YearRow]:
    """All places of a level (of one state), one crime and year, by (uf, codigo).

    Raises:
        RefusedError: the state lies so far back that too much would have to be undone.
        GoneError: as in `place_rows`, or for a version.
    """
    ensure_whole(state, key.fonte)
    rows = list(await ports.reader.crime_year(key, uf))
    releases = await ports.releases.of(key.fonte)
    if not _differs(state, releases):
        return rows
    if key.nivel == Nivel.REGIAO:
        return await _regions(ports, state, key)
    revisions = await _revisions(ports, state, key, releases, uf)
    return _known(state, releases, undone(rows, revisions, state.undoes))


async def _regions(ports: QueryPorts, state: State, key: CrimeYear) -> list[YearRow]:
    rows = await crime_rows(ports, state, CrimeYear(key.fonte, key.tipo_crime, key.ano, Nivel.ESTADO))
    summed = []
    for region in places(Nivel.REGIAO):
        of_region = {p.codigo for p in states_of_region(region.codigo)}
        summed += region_rows(region, (r for r in rows if r.key.codigo in of_region))
    return summed


async def _revisions(
    ports: QueryPorts, state: State, key: CrimeYear, releases: Sequence[Release], uf: str | None
) -> list[Revision]:
    # A revision may have become known later than its publication was extracted, so all of them are looked at.
    listed = [r for r in releases if _may_be_undone(state, r, key)]
    if sum(r.changes for r in listed) > MOST_UNDONE:
        if state.until is None:
            raise GoneError(
                f"Da versão {state.version.versao} até hoje há mudanças demais para refazer um mapa inteiro; peça por "
                "lugar, em /series?versao=."
            )
        raise refuse(
            "em",
            "há mudanças demais entre esse dia e hoje para refazer um mapa inteiro; peça por lugar, em /series?em=",
        )
    parts = await gathered([ports.reader.revisions(key.fonte, r.publicacao, uf) for r in listed])
    year = f"{key.ano}-"
    return [
        r
        for part in parts
        for r in part
        if r.tipo_crime == key.tipo_crime and r.nivel == key.nivel and r.mes.startswith(year)
    ]


def _may_be_undone(state: State, release: Release, key: CrimeYear) -> bool:
    of_this_year = release.source_key in {source_key(key.fonte, key.ano), "avulso"}
    return of_this_year and not release.primeira and (state.until is not None or not state.holds(release))


async def is_current(ports: QueryPorts, state: State, fonte: Fonte) -> bool:
    """Whether the tables hold nothing but this state."""
    return not _differs(state, await ports.releases.of(fonte))


def source_key(fonte: str, ano: int) -> str:
    """What a publication of this source and year replaces: the VDE is published year by year."""
    return f"{fonte}-{ano}" if fonte == Fonte.VDE else fonte


def _differs(state: State, releases: Sequence[Release]) -> bool:
    """Whether the tables may hold something else than this state."""
    return state.until is not None or any(r.publicacao not in state.announced and r.changes for r in releases)


def _known(state: State, releases: Sequence[Release], rows: list[YearRow]) -> list[YearRow]:
    """Without the years whose first publication is not part of the state: of those nothing was known."""
    # Numbers begin anew where the published versions were lost: then there are several that call themselves first.
    first = {r.source_key for r in releases if r.primeira}
    known = {r.source_key for r in releases if r.primeira and state.holds(r)}
    return [r for r in rows if (key := source_key(r.key.fonte, r.key.ano)) in known or key not in first]


async def gathered(calls: Sequence[Awaitable[T]]) -> list[T]:
    """The answers in order, at most a few calls under way at a time."""
    gate = asyncio.Semaphore(_IN_FLIGHT)

    async def one(call: Awaitable[T]) -> T:
        async with gate:
            return await call

    return await asyncio.gather(*map(one, calls))
