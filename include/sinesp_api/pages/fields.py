"""The controls of a page: each one a part of the address."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sinesp.domain.territory import UFS
from sinesp.query.model.catalogue import SOURCES, Fonte, crimes, levels
from sinesp.query.model.places import Nivel
from sinesp.query.model.questions import Medida
from sinesp_api.pages.setting import UNIT_WORDS, Setting


@dataclass(frozen=True, slots=True)
class Option:
    """One choice."""

    valor: str
    texto: str


@dataclass(frozen=True, slots=True)
class Field:
    """A control with its options in groups; a group without a name has no heading."""

    nome: str
    titulo: str
    atual: str
    grupos: Sequence[tuple[str, Sequence[Option]]]


def field(nome: str, titulo: str, atual: object, options: Iterable[tuple[str, str]]) -> Field:
    """A control with options in one group."""
    return Field(nome, titulo, str(atual), [("", [Option(value, text) for value, text in options])])


def source_field(fonte: Fonte) -> Field:
    """Which source."""
    return field("fonte", "Fonte", fonte.value, ((s.fonte.value, s.nome) for s in SOURCES.values()))


def crime_field(setting: Setting) -> Field:
    """Which crime, told apart by how finely the source tells it."""
    fine: list[Option] = []
    coarse: list[Option] = []
    for crime in sorted(crimes(setting.fonte).values(), key=lambda c: c.label):
        by_place = Nivel.MUNICIPIO in levels(setting.fonte, crime)
        (fine if by_place else coarse).append(Option(crime.slug, crime.label))
    groups = [("Por município e por estado", fine), ("Só por estado", coarse)]
    return Field("tipo_crime", "Crime ou evento", setting.crime.slug, [g for g in groups if g[1]])


def year_field(setting: Setting) -> Field:
    """Which year, the newest first."""
    return field("ano", "Ano", setting.year, ((str(y), str(y)) for y in reversed(setting.years)))


def unit_field(setting: Setting) -> Field | None:
    """What is counted, where the source counts two things."""
    if len(setting.units) < 2:
        return None
    return field("unidade", "O que contar", setting.unit.value, ((u.value, UNIT_WORDS[u]) for u in setting.units))


def measure_field(medida: Medida) -> Field:
    """Count or rate."""
    names = {Medida.CONTAGEM: "número registrado", Medida.TAXA: "taxa por 100 mil habitantes"}
    return field("medida", "Medida", medida.value, ((m.value, text) for m, text in names.items()))


def state_field(uf: str | None, everything: str) -> Field:
    """Which state; the first option is none of them."""
    options = [("", everything), *sorted(UFS.items(), key=lambda item: item[1])]
    return field("uf", "Estado", uf or "", options)


def basic_fields(setting: Setting) -> list[Field]:
    """Source, crime, unit and year."""
    found = [source_field(setting.fonte), crime_field(setting), unit_field(setting), year_field(setting)]
    return [f for f in found if f]
