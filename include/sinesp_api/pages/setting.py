"""What all pages begin with: the state of the views, and which source, crime, unit and year the address means."""

from collections.abc import Sequence
from dataclasses import dataclass

from sinesp.domain.crimes import Crime, Unit
from sinesp.query.described import unit_of
from sinesp.query.model.catalogue import SOURCES, Fonte, crimes, levels, units
from sinesp.query.model.places import Nivel
from sinesp.query.model.rows import Release
from sinesp.query.state import QueryPorts, State, resolve
from sinesp_api.pages.asked import Asked, years_of
from sinesp_api.pages.links import Here

UNIT_WORDS = {Unit.VITIMAS: "vítimas", Unit.OCORRENCIAS: "ocorrências"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One page's question, checked. `releases` are those of the source that belong to the state, oldest first."""

    ports: QueryPorts
    asked: Asked
    state: State
    fonte: Fonte
    crime: Crime
    unit: Unit
    years: Sequence[int]
    year: int
    releases: Sequence[Release]

    @property
    def unit_word(self) -> str:
        """`vítimas` or `ocorrências`."""
        return UNIT_WORDS[self.unit]

    @property
    def units(self) -> tuple[Unit, ...]:
        """What the source counts of the crime."""
        return units(self.fonte, self.crime)

    @property
    def told_by_municipality(self) -> bool:
        """Whether the crime has municipal numbers in this source."""
        return Nivel.MUNICIPIO in levels(self.fonte, self.crime)

    @property
    def last_month(self) -> str | None:
        """Last month (AAAA-MM) the source has."""
        return self.state.version.ultimo_mes.get(self.fonte)

    @property
    def source_name(self) -> str:
        """Name of the source for people."""
        return SOURCES[self.fonte].nome

    @property
    def source_line(self) -> str:
        """What goes below every picture: source, version, day."""
        return f"Fonte: MJSP/Sinesp, {self.source_name}. Versão {self.state.version.versao} das visões."

    def here(self, page: str, **params: object | None) -> Here:
        """The address of a page with this question and what else the page asks for."""
        moment = self.asked.moment
        mine = {"fonte": self.fonte.value, "tipo_crime": self.crime.slug, "ano": self.year, "unidade": self._unit}
        return Here(page, {**mine, **params, "versao": moment.versao, "em": moment.em})

    @property
    def _unit(self) -> str | None:
        return self.unit.value if self.unit is not self.units[0] else None


NAMES = ("fonte", "tipo_crime", "ano", "unidade")
"""Parameters of a setting."""


async def setting(ports: QueryPorts, asked: Asked) -> Setting:
    """Read the state and settle the question.

    Raises:
        RefusedError, UnknownError, TransientError: see `resolve` and `Asked`.
    """
    state = await resolve(ports, asked.moment)
    fonte = asked.fonte
    crime = crimes(fonte)[asked.crime]
    releases = [r for r in await ports.reader.releases(fonte) if state.holds(r)]
    years = years_of(fonte, state.version, releases)
    unit = asked.maybe("unidade", [u.value for u in units(fonte, crime)])
    chosen = unit_of(fonte, crime.slug, Unit(unit) if unit else None)
    return Setting(ports, asked, state, fonte, crime, chosen, years, asked.year(years), releases)
