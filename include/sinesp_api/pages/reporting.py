"""Cobertura: who reported a crime in a year. State by month, and what is not there is never a zero."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sinesp.domain.territory import UFS
from sinesp.query.coverage import answer_coverage
from sinesp.query.model.answers import Answer
from sinesp.query.model.places import Nivel
from sinesp.query.model.questions import CoverageQuestion
from sinesp_api.pages.brazilian import MONTH_NAMES, MONTHS, number
from sinesp_api.pages.card import card
from sinesp_api.pages.drawing import CLASSES, PATTERNS, Key
from sinesp_api.pages.fields import basic_fields
from sinesp_api.pages.links import API, Here, address
from sinesp_api.pages.rendering import render, standalone
from sinesp_api.pages.setting import Setting
from sinesp_api.pages.sheet import Sheet
from sinesp_api.pages.standing import standing

_SHARES = (100, 90, 50, 10, 0)
"""Lower ends, in percent of a state's places with a number, of the five colours (the last: above none)."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Of the `lugares` of a state, how many said what in one month."""

    uf: str
    nivel: str
    mes: str
    lugares: int
    informados: int
    zeros: int
    em_branco: int
    ausentes: int


@dataclass(frozen=True, slots=True)
class Square:
    """A state's month: a class, what stands in it, and a sentence."""

    css: str
    cor: str
    texto: str
    frase: str


@dataclass(frozen=True, slots=True)
class StateLine:
    """A state's twelve months."""

    uf: str
    nome: str
    link: str
    quadrados: Sequence[Square]


@dataclass(frozen=True, slots=True)
class Reporting:
    """What the page shows."""

    setting: Setting
    here: Here
    answer: Answer
    counts: Sequence[Counted]
    lines: Sequence[StateLine]


async def reporting(setting: Setting) -> Reporting:
    """Read who reported.

    Raises:
        TransientError: the views do not answer.
    """
    moment = setting.asked.moment
    question = CoverageQuestion(setting.fonte, setting.crime.slug, setting.year, moment=moment)
    answer = await answer_coverage(setting.ports, question)
    # The columns behind source and crime are the fields, in their order.
    counts = [Counted(*row[2:]) for row in answer.table.rows]  # type: ignore[arg-type]
    here = setting.here("cobertura")
    by_state: dict[str, list[Counted]] = {}
    for one in counts:
        by_state.setdefault(one.uf, []).append(one)
    lines = [_line(uf, months, setting, here) for uf, months in sorted(by_state.items())]
    return Reporting(setting, here, answer, counts, lines)


def _line(uf: str, months: Sequence[Counted], setting: Setting, here: Here) -> StateLine:
    link = here.keeping("lugar", "fonte", "tipo_crime", "ano", "versao", "em", codigo=uf)
    return StateLine(uf, UFS.get(uf, uf), link, [_square(one, setting) for one in months])


def _square(one: Counted, setting: Setting) -> Square:
    where = f"{UFS.get(one.uf, one.uf)}, {MONTH_NAMES[int(one.mes[5:]) - 1]} de {setting.year}"
    if not one.informados + one.zeros:
        css = "em_branco" if one.em_branco else "ausente"
        mark, said = ("B", "em branco") if one.em_branco else ("–", "sem registro")
        return Square(css, PATTERNS[css], mark, f"{where}: {said}")
    return _share(one, where) if one.nivel == Nivel.MUNICIPIO else _state_said(one, where)


def _state_said(one: Counted, where: str) -> Square:
    if one.zeros:
        return Square("p0", "#ffffff", "0", f"{where}: informou zero")
    return Square("p5", CLASSES[4], "✓", f"{where}: informou")


def _share(one: Counted, where: str) -> Square:
    share = (one.informados + one.zeros) * 100 // one.lugares
    step = 5 - next(n for n, low in enumerate(_SHARES) if share >= low)
    parts = f"{one.informados} com casos, {one.zeros} zero, {one.em_branco} em branco, {one.ausentes} sem registro"
    said = f"{where}: {share}% dos {one.lugares} municípios ({parts})"
    return Square(f"p{step}", CLASSES[step - 1], str(share), said)


def reporting_sheet(page: Reporting) -> Sheet:
    """The page."""
    setting = page.setting
    title = f"Quem informou: {setting.crime.label}, {setting.year}"
    return Sheet(
        pagina="cobertura",
        titulo=title,
        resumo=f"{title}, estado por estado e mês a mês.",
        versao=standing(setting, page.here),
        campos=basic_fields(setting),
        escondidos={name: page.here.params[name] for name in ("versao", "em")},
        manchete=_headline(page),
        csv=page.here.as_file("csv"),
        ficha=card(setting, page.here),
        partes={
            "linhas": page.lines,
            "meses": list(zip(MONTHS, MONTH_NAMES, strict=True)),
            "legenda": legend(page),
            "por_municipio": _by_municipality(page),
            "desenho": page.here.as_file("svg"),
            "consulta": _api(page),
        },
    )


def _by_municipality(page: Reporting) -> bool:
    return any(c.nivel == Nivel.MUNICIPIO for c in page.counts)


def _headline(page: Reporting) -> Markup:
    if not page.counts:
        return Markup("A fonte não tem registro deste crime neste ano.")
    places = sum(c.lugares for c in page.counts)
    known = sum(c.informados + c.zeros for c in page.counts)
    blank, absent = sum(c.em_branco for c in page.counts), sum(c.ausentes for c in page.counts)
    what = "meses de municípios" if _by_municipality(page) else "meses de estados"
    share = number(known * 100 / places, 1)
    said = Markup("<strong>{}%</strong> dos {} têm número ({} de {}); {} em branco, {} sem registro.")
    return said.format(share, what, number(known), number(places), number(blank), number(absent))


def legend(page: Reporting) -> list[Key]:
    """What the colours mean."""
    missing = [Key(PATTERNS["em_branco"], "B: em branco"), Key(PATTERNS["ausente"], "–: sem registro")]
    if not _by_municipality(page):
        return [Key(CLASSES[4], "✓: informou"), Key("#ffffff", "0: informou zero"), *missing]
    names = ("todos os municípios", "90% ou mais", "50% a 89%", "10% a 49%", "menos de 10%")
    return [*(Key(c, n) for c, n in zip(reversed(CLASSES), names, strict=True)), *missing]


def _api(page: Reporting) -> str:
    setting = page.setting
    return address(
        f"{API}/cobertura", {"fonte": setting.fonte.value, "tipo_crime": setting.crime.slug, "ano": setting.year}
    )


def reporting_file(page: Reporting) -> Markup:
    """The matrix as an SVG file."""
    drawing = render("svg/matrix.svg", lines=page.lines, months=MONTHS)
    setting = page.setting
    texts = (f"Quem informou: {setting.crime.label}, {setting.year}", _caption(page), setting.source_line)
    return standalone(drawing, box="0 0 852 780", height=780, words=texts, legend=legend(page))


def _caption(page: Reporting) -> str:
    return "Percentual dos municípios com número, por mês" if _by_municipality(page) else "Estados com número, por mês"
