"""Cobertura: who reported a crime in a year. State by month, and what is not there is never a zero."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sinesp.domain.territory import UFS
from sinesp.query.model.places import Nivel
from sinesp.query.model.rows import CoverageRow
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
    rows: Sequence[CoverageRow]
    lines: Sequence[StateLine]


async def reporting(setting: Setting) -> Reporting:
    """Read who reported.

    Raises:
        TransientError: the views do not answer.
    """
    rows = await setting.ports.reader.coverage(setting.fonte, setting.crime.slug, setting.year)
    here = setting.here("cobertura")
    lines = [_line(row, setting, here) for row in sorted(rows, key=lambda r: r.uf)]
    return Reporting(setting, here, rows, lines)


def _line(row: CoverageRow, setting: Setting, here: Here) -> StateLine:
    link = here.keeping("lugar", "fonte", "tipo_crime", "ano", "versao", "em", codigo=row.uf)
    squares = [_square(row, setting, month) for month in range(1, 13)]
    return StateLine(row.uf, UFS.get(row.uf, row.uf), link, squares)


def _square(row: CoverageRow, setting: Setting, month: int) -> Square:
    informed, zeros, blank, absent = _counts(row, month)
    where = f"{UFS.get(row.uf, row.uf)}, {MONTH_NAMES[month - 1]} de {setting.year}"
    if not informed + zeros:
        css = "em_branco" if blank else "ausente"
        mark, said = ("B", "em branco") if blank else ("–", "sem registro")
        return Square(css, PATTERNS[css], mark, f"{where}: {said}")
    if row.nivel != Nivel.MUNICIPIO:
        said = "informou zero" if zeros else "informou"
        return Square(
            "p0" if zeros else "p5", "#ffffff" if zeros else CLASSES[4], "0" if zeros else "✓", f"{where}: {said}"
        )
    share = (informed + zeros) * 100 // row.lugares
    step = 5 - next(n for n, low in enumerate(_SHARES) if share >= low)
    parts = (
        f"{number(informed)} com casos, {number(zeros)} zero, {number(blank)} em branco, {number(absent)} sem registro"
    )
    return Square(
        f"p{step}", CLASSES[step - 1], str(share), f"{where}: {share}% dos {number(row.lugares)} municípios ({parts})"
    )


def _counts(row: CoverageRow, month: int) -> tuple[int, int, int, int]:
    maps = (row.informados, row.zeros, row.em_branco, row.ausentes)
    informed, zeros, blank, absent = (m.get(month, 0) for m in maps)
    return informed, zeros, blank, absent


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
    return any(r.nivel == Nivel.MUNICIPIO for r in page.rows)


def _headline(page: Reporting) -> Markup:
    if not page.rows:
        return Markup("A fonte não tem registro deste crime neste ano.")
    cells = [_counts(row, month) for row in page.rows for month in range(1, 13)]
    places = sum(row.lugares for row in page.rows) * 12
    known = sum(i + z for i, z, _, _ in cells)
    what = "meses de municípios" if _by_municipality(page) else "meses de estados"
    said = Markup("<strong>{}%</strong> dos {} têm número ({} de {}); {} em branco, {} sem registro.")
    blank, absent = sum(c[2] for c in cells), sum(c[3] for c in cells)
    share = number(known * 100 / places, 1)
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
