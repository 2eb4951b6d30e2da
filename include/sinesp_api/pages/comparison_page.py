"""The comparison as a sheet: the lines (or the small multiples), who is in it, the same numbers in a table."""

from collections.abc import Sequence

from markupsafe import Markup

from sinesp.query.model.questions import Janela, Medida
from sinesp_api.pages.brazilian import month, number
from sinesp_api.pages.card import card
from sinesp_api.pages.charts import Chart, PageTable, TableRow, breaks_in, frame, notes
from sinesp_api.pages.comparison import MOST_PLACES, Compared, Comparison, Point, without
from sinesp_api.pages.fields import Field, crime_field, field, measure_field, source_field, unit_field
from sinesp_api.pages.links import API, address
from sinesp_api.pages.profile import full_name
from sinesp_api.pages.sheet import Sheet
from sinesp_api.pages.shown import LETTERS, Shown, words
from sinesp_api.pages.shown import total as shown_total
from sinesp_api.pages.standing import standing

_WINDOWS = {Janela.MES: "mês", Janela.ANO: "ano", Janela.DOZE_MESES: "doze meses até"}


def comparison_sheet(page: Comparison) -> Sheet:
    """The page."""
    setting = page.setting
    title = f"{setting.crime.label}: {'os 27 estados' if page.states else 'comparação de lugares'}"
    hidden = {
        "lugares": page.here.params["lugares"],
        "versao": page.here.params["versao"],
        "em": page.here.params["em"],
    }
    return Sheet(
        pagina="comparar",
        titulo=title,
        resumo=f"{title}, {setting.source_name}.",
        versao=standing(setting, page.here),
        campos=_fields(page),
        escolhas=(measure_field(page.medida), _mode(page)),
        escondidos=hidden,
        manchete=_missing(page),
        csv=page.here.as_file("csv"),
        graficos=[_chart(page)] if page.windows else [],
        ficha=card(setting, page.here, _warnings(page), _population(page)),
        partes={
            "lugares": [(full_name(p), without(page, p)) for p in page.places],
            "cheio": len(page.places) >= MOST_PLACES,
            "estados": page.states,
            "guardados": page.here.params,
        },
    )


def _fields(page: Comparison) -> list[Field]:
    windows = field("janela", "Cada ponto é", page.janela.value, ((j.value, _WINDOW_NAMES[j]) for j in Janela))
    found = [source_field(page.setting.fonte), crime_field(page.setting), unit_field(page.setting), windows]
    return [f for f in found if f]


_WINDOW_NAMES = {Janela.MES: "um mês", Janela.ANO: "um ano", Janela.DOZE_MESES: "a soma de doze meses"}


def _mode(page: Comparison) -> Field:
    options = [("lugares", "lugares escolhidos"), ("estados", "os 27 estados")]
    return field("modo", "Mostrar", "estados" if page.states else "lugares", options)


def _missing(page: Comparison) -> Markup:
    return Markup("Nenhum lugar com o nome <strong>{}</strong>.").format(page.nowhere) if page.nowhere else Markup("")


def _unit(page: Comparison) -> str:
    return f"{page.setting.unit_word} por 100 mil" if page.medida is Medida.TAXA else page.setting.unit_word


def _chart(page: Comparison) -> Chart:
    months = [] if page.janela is Janela.ANO else list(page.windows)
    subtitle = f"{_unit(page)}, por {_WINDOWS[page.janela]}".capitalize()
    data = frame(page.setting, months) | {
        "tipo": "multiplos" if page.states else "serie",
        "titulo": f"{page.setting.crime.label}",
        "subtitulo": subtitle,
        "unidade": _unit(page),
        "decimais": 1 if page.medida is Medida.TAXA else 0,
        "rotulos": [_label(w) for w in page.windows],
        "linhas": [_drawn(page, line) for line in page.lines],
    }
    if page.janela is Janela.ANO:
        data["quebras"] = _yearly_breaks(page)
    return Chart(
        id="comparacao",
        titulo=page.setting.crime.label,
        subtitulo=subtitle,
        descricao=_words(page),
        dados=data,
        tabela=_table(page),
        notas=_notes(page, months),
        csv=page.here.as_file("csv"),
        api=_api(page),
        aberta=False,
    )


def _yearly_breaks(page: Comparison) -> list[dict[str, object]]:
    years = list(page.windows)
    found = breaks_in(page.setting, [f"{years[0]}-01", f"{years[-1]}-12"]) if years else []
    return [{"indice": years.index(b.mes[:4]), "curto": b.curto} for b in found]


def _notes(page: Comparison, months: Sequence[str]) -> list[str]:
    whole = months or ([f"{page.windows[0]}-01", f"{page.windows[-1]}-12"] if page.windows else [])
    return notes(page.setting, whole)


def _label(window: str) -> str:
    return month(window) if "-" in window else window


def _drawn(page: Comparison, line: Compared) -> dict[str, object]:
    name = line.place.uf if page.states else full_name(line.place)
    # A sum that lacks months is lower than the truth: it is told in the table, and is no point of a line.
    values = [_value(page, p) for p in line.points]
    letters = "".join(_letter(p, v) for p, v in zip(line.points, values, strict=True))
    return {"nome": name, "estilo": "lugar", "valores": values, "estados": letters}


def _value(page: Comparison, point: Point) -> float | None:
    if point.mixed or point.total.parcial:
        return None
    return point.taxa if page.medida is Medida.TAXA else point.total.valor


def _letter(point: Point, value: float | None) -> str:
    if value is None and point.total.valor is not None:
        return "d" if point.mixed else "p" if point.total.parcial else "r"
    return LETTERS[point.total.situacao]


def _words(page: Comparison) -> str:
    names = ", ".join(full_name(line.place) for line in page.lines)
    return f"Linhas de {_unit(page)} por {_WINDOWS[page.janela]}: {names}. Os mesmos números estão na tabela abaixo."


def _table(page: Comparison) -> PageTable:
    if page.states:
        rows = [TableRow(full_name(one.place), [_cell(page, p) for p in one.points]) for one in page.lines]
        return PageTable(f"{_unit(page)} por estado", ("Estado", *map(_label, page.windows)), rows)
    headings = (_WINDOWS[page.janela].capitalize(), *(full_name(line.place) for line in page.lines))
    rows = [
        TableRow(_label(w), [_cell(page, line.points[n]) for line in page.lines]) for n, w in enumerate(page.windows)
    ]
    return PageTable(f"{_unit(page)} por {_WINDOWS[page.janela]}", headings, list(reversed(rows)))


def _cell(page: Comparison, point: Point) -> Shown:
    if point.mixed:
        return words("duas definições")
    if page.medida is Medida.CONTAGEM or point.total.valor is None:
        return shown_total(point.total)
    if point.taxa is None:
        return words("só contagem" if not point.total.parcial else "ano incompleto")
    return Shown(f"{number(point.taxa, 1)} (pop. {point.populacao_ano})")


def _warnings(page: Comparison) -> list[str]:
    found = []
    if any(p.total.parcial for line in page.lines for p in line.points):
        found.append("Somas a que faltam meses não são pontos da linha: estão só na tabela, com o número de meses.")
    if page.medida is Medida.TAXA and page.janela is Janela.MES:
        found.append("A taxa de um mês não é anualizada: compare mês com mês, nunca com a taxa de um ano.")
    return found


def _population(page: Comparison) -> str:
    years = sorted({p.populacao_ano for line in page.lines for p in line.points if p.populacao_ano})
    return f"IBGE, anos {', '.join(map(str, years))}" if years else ""


def _api(page: Comparison) -> str | None:
    levels = {line.place.nivel for line in page.lines}
    if len(levels) != 1:
        return None  # one level a question
    codes = ",".join(line.place.codigo for line in page.lines)
    params = {"fonte": page.setting.fonte.value, "nivel": next(iter(levels)).value, "codigo": codes}
    rest = {"tipo_crime": page.setting.crime.slug, "medida": page.medida.value, "janela": page.janela.value}
    return address(f"{API}/series", params | rest)
