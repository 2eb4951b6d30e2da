"""Panorama: one crime, one year. Map (states, or the municipalities of one), squares, ranking, series."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sinesp.query.model.places import Nivel, Place, places
from sinesp.query.model.questions import MapQuestion, Medida
from sinesp.query.state import place_rows
from sinesp.query.transforms.rates import RANKED_FROM, Rate
from sinesp.query.yearly_map import PlaceTotal, totals
from sinesp_api.pages.brazilian import number
from sinesp_api.pages.charts import Chart, Line, history_chart, line, year_chart
from sinesp_api.pages.drawing import Mark
from sinesp_api.pages.links import API, Here, address
from sinesp_api.pages.setting import Setting

NAMES = ("medida", "uf")


@dataclass(frozen=True, slots=True)
class Overview:
    """What a panorama shows: the places of its level, and the whole they are part of."""

    setting: Setting
    here: Here
    medida: Medida
    uf: str | None
    level: Nivel
    found: Sequence[PlaceTotal]
    whole: PlaceTotal
    line: Line


async def overview(setting: Setting) -> Overview:
    """Read what the page needs.

    Raises:
        RefusedError, UnknownError, TransientError: see `totals`.
    """
    medida, uf = setting.asked.medida, setting.asked.uf
    inside = uf if uf and setting.told_by_municipality else None
    level = Nivel.MUNICIPIO if inside else Nivel.ESTADO
    found = await _totals(setting, level, inside)
    whole = _whole(uf)
    rows = await place_rows(setting.ports, setting.state, setting.fonte, whole, setting.crime.slug)
    sums = await _totals(setting, whole.nivel, uf if whole.nivel is Nivel.ESTADO else None)
    here = setting.here("panorama", medida=medida.value, uf=uf)
    of_whole = next(t for t in sums if t.place.codigo == whole.codigo)
    return Overview(setting, here, medida, inside, level, found, of_whole, line(whole.nome, setting.unit, rows))


def question_of(setting: Setting, level: Nivel, uf: str | None) -> MapQuestion:
    """Count and rate of all places of a level."""
    return MapQuestion(
        setting.fonte,
        setting.crime.slug,
        setting.year,
        level,
        uf,
        None,
        setting.unit,
        Medida.TAXA,
        setting.asked.moment,
    )


async def _totals(setting: Setting, level: Nivel, uf: str | None) -> list[PlaceTotal]:
    return await totals(setting.ports, setting.state, question_of(setting, level, uf))


def _whole(uf: str | None) -> Place:
    if uf is None:
        return places(Nivel.BRASIL)[0]
    return next(p for p in places(Nivel.ESTADO) if p.uf == uf)


def marks(page: Overview) -> list[Mark]:
    """The places as a picture draws them."""
    return [_mark(page, found) for found in page.found]


def _mark(page: Overview, found: PlaceTotal) -> Mark:
    value, situation = _value(page, found)
    return Mark(
        codigo=found.place.codigo,
        sigla=found.place.uf,
        valor=value,
        situacao=situation,
        texto=words_of(page.setting, found),
        curto="–" if value is None else number(value, 1 if page.medida is Medida.TAXA else 0),
        link=place_link(page, found.place),
    )


def _value(page: Overview, found: PlaceTotal) -> tuple[float | None, str]:
    total, rate = found.total, found.rate
    if page.medida is Medida.CONTAGEM or total.valor is None:
        return total.valor, total.situacao.value
    if rate is None or rate.taxa is None:
        return None, "so_contagem"
    return rate.taxa, total.situacao.value


def place_link(page: Overview, place: Place) -> str:
    """From a state to its municipalities, from a municipality to its page."""
    if place.nivel is Nivel.ESTADO and page.setting.told_by_municipality:
        return page.here.to(uf=place.uf)
    return page.here.keeping("lugar", "fonte", "tipo_crime", "ano", "versao", "em", codigo=place.codigo)


def words_of(setting: Setting, found: PlaceTotal) -> str:
    """One sentence: name, number, rate with its denominator, or why there is none."""
    where = found.place.nome if found.place.nivel is Nivel.ESTADO else f"{found.place.nome}/{found.place.uf}"
    total, rate = found.total, found.rate
    if total.valor is None:
        reason = {"em_branco": "em branco (há registro, sem número)", "ausente": "sem registro"}
        return f"{where}: {reason.get(total.situacao.value, 'não se aplica')} em {setting.year}"
    part = f", soma de {total.meses_informados} meses" if total.parcial else ""
    said = f"{where}: {number(total.valor)} {setting.unit_word} em {setting.year}{part}"
    if rate is None or rate.taxa is None or rate.population is None:
        return said
    people = number(rate.population.habitantes)
    return f"{said}; {number(rate.taxa, 1)} por 100 mil (população de {rate.population.ano_base}: {people})"


def headline(page: Overview) -> Markup:
    """The sum of the whole, and what it is compared with."""
    setting, total, rate = page.setting, page.whole.total, page.whole.rate
    if total.valor is None:
        return Markup("{}.").format(words_of(setting, page.whole))
    said = Markup("<strong>{}</strong> {} ({}, {})").format(
        number(total.valor), _registered(setting), page.whole.place.nome, setting.year
    )
    if total.parcial:
        said += Markup(" (soma de {} meses: falta número nos outros)").format(total.meses_informados)
    return said + _rated(rate) + _compared(page)


def _rated(rate: Rate | None) -> Markup:
    if rate is None or rate.taxa is None or rate.population is None:
        return Markup("")
    said = Markup("; taxa de {} por 100 mil habitantes (população de {}: {})")
    return said.format(number(rate.taxa, 1), rate.population.ano_base, number(rate.population.habitantes))


def _registered(setting: Setting) -> str:
    return f"{setting.unit_word} registradas"


def _compared(page: Overview) -> Markup:
    before = [c.valor for c in page.line.months(page.setting.year - 1)]
    now = [c.valor for c in page.line.months(page.setting.year)]
    both = [(b, n) for b, n in zip(before, now, strict=True) if b is not None and n is not None]
    old, new = sum(b for b, _ in both), sum(n for _, n in both)
    if not both or not old:
        return Markup(".")
    months = "" if len(both) == len(now) else f" nos mesmos {len(both)} meses"
    more = "mais" if new >= old else "menos"
    percent = number(abs(new - old) * 100 / old, 1)
    return Markup(". São {}% {} que em {}{} ({}).").format(percent, more, page.setting.year - 1, months, number(old))


def ranked(page: Overview) -> tuple[list[PlaceTotal], list[PlaceTotal]]:
    """Places in order, the highest first; and those that a ranking must leave out."""
    inside = [f for f in page.found if _is_ranked(page, f)]
    ordered = sorted(inside, key=lambda f: (-(_value(page, f)[0] or 0), f.place.nome))
    kept = {f.place.codigo for f in inside}
    return ordered, [f for f in page.found if f.place.codigo not in kept]


def _is_ranked(page: Overview, found: PlaceTotal) -> bool:
    if _value(page, found)[0] is None or found.total.parcial or found.place.codigo.endswith("00000"):
        return False
    if page.medida is Medida.CONTAGEM or page.level is not Nivel.MUNICIPIO:
        return True
    people = found.rate.population if found.rate else None
    return people is not None and people.habitantes >= RANKED_FROM


def figures(page: Overview) -> list[Chart]:
    """The charts of the whole: the year beside the one before, and all months."""
    setting, whole = page.setting, page.whole.place
    of_place = {"nivel": whole.nivel.value, "codigo": whole.codigo, "tipo_crime": setting.crime.slug}
    api = address(f"{API}/series", {"fonte": setting.fonte.value, **of_place, "unidade": setting.unit.value})
    csv = page.here.keeping("lugar.csv", "fonte", "tipo_crime", "ano", "unidade", "versao", "em", codigo=whole.codigo)
    year, history = year_chart(setting, page.line, csv, api), history_chart(setting, page.line, csv, api)
    return [c for c in (year, history) if c]
