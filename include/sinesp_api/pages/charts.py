"""Charts as data: what the browser draws, what it says in words, and the table with the same numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sinesp.domain.crimes import Unit
from sinesp.query.model.cells import ABSENT, Cell
from sinesp.query.model.months import Period, month_of, number_of, year_of
from sinesp.query.model.rows import YearRow
from sinesp.query.transforms.windows import total
from sinesp_api.pages.brazilian import MONTHS, month, number
from sinesp_api.pages.definitions import BREAKS, Break, preliminary_from
from sinesp_api.pages.setting import Setting
from sinesp_api.pages.shown import LETTERS, Shown, cell, change
from sinesp_api.pages.shown import total as shown_total

YEAR = 12


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row's heading, perhaps a link, and its cells."""

    nome: str
    celulas: Sequence[Shown]
    link: str | None = None


@dataclass(frozen=True, slots=True)
class PageTable:
    """Caption, headings, rows."""

    legenda: str
    titulos: Sequence[str]
    linhas: Sequence[TableRow]
    texts: int = 0
    """How many columns behind the first are words, and so stand at the left."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure the browser draws from `dados`."""

    id: str
    titulo: str
    subtitulo: str
    descricao: str
    dados: Mapping[str, object]
    tabela: PageTable
    notas: Sequence[str] = ()
    csv: str | None = None
    api: str | None = None
    aberta: bool = False
    desenho: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Numbers of one place by month, `rows` by year."""

    nome: str
    unit: Unit
    rows: Mapping[int, YearRow] = field(default_factory=dict)

    def cell(self, at: str) -> Cell:
        """What is known of a month AAAA-MM."""
        row = self.rows.get(year_of(at))
        return row.cell(self.unit, number_of(at)) if row else ABSENT

    def months(self, year: int) -> list[Cell]:
        """Twelve cells."""
        return [self.cell(month_of(year, m)) for m in range(1, YEAR + 1)]


def line(nome: str, unit: Unit, rows: Sequence[YearRow]) -> Line:
    """The line of a place's rows."""
    return Line(nome, unit, {r.key.ano: r for r in rows})


def drawn(name: str, style: str, cells: Sequence[Cell]) -> dict[str, object]:
    """A line as the browser takes it: numbers or null, and one letter a point for what null means."""
    return {
        "nome": name,
        "estilo": style,
        "valores": [c.valor for c in cells],
        "estados": "".join(LETTERS[c.situacao] for c in cells),
    }


def rolling(cells: Sequence[Cell], breaks: Sequence[int] = ()) -> list[float | None]:
    """Mean of the twelve months that end here; none while one has no number, or a definition changes among them."""
    return [_mean(cells, end, breaks) for end in range(len(cells))]


def _mean(cells: Sequence[Cell], end: int, breaks: Sequence[int]) -> float | None:
    start = end - YEAR + 1
    numbers = [c.valor for c in cells[max(0, start) : end + 1] if c.valor is not None]
    if len(numbers) < YEAR or any(start < b <= end for b in breaks):
        return None
    return round(sum(numbers) / YEAR, 1)


def period_of(setting: Setting, lines: Sequence[Line]) -> Period | None:
    """From the first record of any line to the source's last month."""
    recorded = [month_of(year, m) for one in lines for year, row in one.rows.items() for m in row.months]
    if not recorded:
        return None
    last = setting.last_month or "" if setting.state.until is None else ""
    return Period(min(recorded), max(last, *recorded))


def breaks_in(setting: Setting, months: Sequence[str]) -> list[Break]:
    """Changes of definition inside a period."""
    return [b for b in BREAKS[setting.fonte] if months and months[0] < b.mes <= months[-1]]


def frame(setting: Setting, months: Sequence[str]) -> dict[str, object]:
    """Axis, preliminary months and changes of definition of a chart over months."""
    preliminary = preliminary_from(setting.fonte, setting.last_month)
    first = next((i for i, m in enumerate(months) if preliminary and m >= preliminary), None)
    return {
        "rotulos": [month(m) for m in months],
        "preliminar": first,
        "quebras": [{"indice": months.index(b.mes), "curto": b.curto} for b in breaks_in(setting, months)],
        "rodape": setting.source_line,
        "decimais": 0,
    }


def notes(setting: Setting, months: Sequence[str]) -> list[str]:
    """In words: changes of definition, and preliminary months."""
    found = [b.texto for b in breaks_in(setting, months)]
    preliminary = preliminary_from(setting.fonte, setting.last_month)
    if preliminary and months and months[-1] >= preliminary:
        found.append(f"Preliminar a partir de {month(preliminary)}: esses meses costumam mudar nas versões seguintes.")
    return found


def year_table(setting: Setting, one: Line, years: Sequence[int]) -> PageTable:
    """Years down, months across, the sum at the end."""
    preliminary = preliminary_from(setting.fonte, setting.last_month) or "9999-99"
    rows = [
        TableRow(
            str(year),
            [
                *(cell(c, preliminar=month_of(year, n) >= preliminary) for n, c in enumerate(one.months(year), 1)),
                shown_total(total(one.months(year))),
            ],
        )
        for year in years
    ]
    return PageTable(f"{one.nome}: {setting.unit_word} por mês", ("Ano", *MONTHS, "soma"), rows)


def history_chart(setting: Setting, one: Line, csv: str, api: str) -> Chart | None:
    """All months of a place, and the mean of twelve; None when it has no record."""
    period = period_of(setting, [one])
    if period is None:
        return None
    months = list(period)
    cells = [one.cell(m) for m in months]
    means = rolling(cells, [months.index(b.mes) for b in breaks_in(setting, months)])
    lines = [drawn(one.nome, "principal", cells)]
    if sum(m is not None for m in means) > 1:
        lines.append({"nome": "média de 12 meses", "estilo": "media", "valores": means, "decimais": 1})
    title = f"{setting.crime.label}, {one.nome}: mês a mês"
    subtitle = f"{setting.unit_word.capitalize()} por mês, {month(months[0])} a {month(months[-1])}"
    data = frame(setting, months) | {"tipo": "serie", "titulo": title, "subtitulo": subtitle, "faixas": True}
    return Chart(
        id="historico",
        titulo=title,
        subtitulo=subtitle,
        descricao=_history_words(setting, one, months, cells),
        dados=data | {"unidade": setting.unit_word, "linhas": lines},
        tabela=year_table(setting, one, list(period.years)),
        notas=notes(setting, months),
        csv=csv,
        api=api,
    )


def _history_words(setting: Setting, one: Line, months: Sequence[str], cells: Sequence[Cell]) -> str:
    numbers = [(c.valor, m) for c, m in zip(cells, months, strict=True) if c.valor is not None]
    if not numbers:
        return f"{one.nome}: nenhum mês tem número."
    low, high = min(numbers), max(numbers)
    missing = len(cells) - len(numbers)
    return (
        f"Linha de {setting.unit_word} por mês em {one.nome}, de {month(months[0])} a {month(months[-1])}. "
        f"Menor: {number(low[0])} em {month(low[1])}; maior: {number(high[0])} em {month(high[1])}. "
        f"{missing} meses sem número. Os mesmos números estão na tabela abaixo."
    )


def year_chart(setting: Setting, one: Line, csv: str, api: str) -> Chart:
    """The year beside the year before."""
    now, before = one.months(setting.year), one.months(setting.year - 1)
    lines = [drawn(str(setting.year), "principal", now)]
    if any(c.valor is not None for c in before):
        lines.append(drawn(str(setting.year - 1), "anterior", before))
    title = f"{setting.crime.label}, {one.nome}: {setting.year} e o ano anterior"
    months = [month_of(setting.year, n) for n in range(1, YEAR + 1)]
    subtitle = f"{setting.unit_word.capitalize()} por mês"
    data = frame(setting, months) | {"tipo": "serie", "titulo": title, "subtitulo": subtitle, "faixas": True}
    rows = [
        TableRow(name, [cell(a), cell(b), change(b.valor, a.valor)])
        for name, a, b in zip(MONTHS, now, before, strict=True)
    ]
    table = PageTable(title, ("Mês", str(setting.year), str(setting.year - 1), "diferença"), rows)
    lack = () if len(lines) > 1 else (f"A fonte não tem números de {setting.year - 1} para este lugar.",)
    words = (
        f"Linhas de {setting.unit_word} por mês em {one.nome}, {setting.year} e {setting.year - 1}; números na tabela."
    )
    return Chart(
        id="ano",
        titulo=title,
        subtitulo=subtitle,
        descricao=words,
        dados=data | {"unidade": setting.unit_word, "linhas": lines, "rotulos": list(MONTHS), "periodos": list(MONTHS)},
        tabela=table,
        notas=lack,
        csv=csv,
        api=api,
    )
