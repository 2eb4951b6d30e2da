"""The page of a place as a sheet; without a place, the search for one."""

from collections.abc import Sequence

from markupsafe import Markup

from sinesp.query.model.places import Nivel, Place, places
from sinesp_api.pages import revised
from sinesp_api.pages.brazilian import day, month, number
from sinesp_api.pages.card import card
from sinesp_api.pages.charts import Chart, PageTable, TableRow, history_chart, year_chart
from sinesp_api.pages.fields import basic_fields
from sinesp_api.pages.links import API, Here, address
from sinesp_api.pages.profile import Beside, CrimeYear, Profile, full_name
from sinesp_api.pages.setting import UNIT_WORDS, Setting
from sinesp_api.pages.sheet import Sheet
from sinesp_api.pages.shown import Shown, change, people, rate, total, words
from sinesp_api.pages.standing import standing


def profile_sheet(page: Profile) -> Sheet:
    """The page of a place."""
    setting, name = page.setting, full_name(page.place)
    here = setting.here("lugar", codigo=page.place.codigo)
    return Sheet(
        pagina="lugar",
        titulo=f"{name}, {setting.year}",
        resumo=f"{name}: todos os crimes de {setting.year}, série, comparação e revisões.",
        versao=standing(setting, here),
        campos=basic_fields(setting),
        escondidos={"codigo": page.place.codigo, "versao": here.params["versao"], "em": here.params["em"]},
        csv=here.as_file("csv"),
        graficos=_charts(page, here),
        ficha=card(setting, here, _warnings(page)),
        partes={
            "crimes": _crimes(page, here),
            "comparacao": _beside(page, here),
            "revisoes": _revisions(page),
            "busca": "",
            "achados": [],
            "comparar": _compare(page, here),
            "escolhido": page.setting.crime.label,
        },
    )


def search_sheet(setting: Setting, text: str, found: Sequence[Place]) -> Sheet:
    """The search, and the states to begin with."""
    here = setting.here("lugar")
    listed = found if text else places(Nivel.ESTADO)
    links = [(full_name(p), here.to(codigo=p.codigo)) for p in listed]
    none = Markup("Nenhum lugar com o nome <strong>{}</strong>.").format(text) if text and not found else Markup("")
    return Sheet(
        pagina="lugar",
        titulo="Procurar um lugar",
        resumo="Estados, regiões e municípios pelo nome.",
        versao=standing(setting, here),
        manchete=none,
        partes={"crimes": None, "busca": text, "achados": links, "escondidos": here.params, "escolhido": ""},
    )


def _charts(page: Profile, here: Here) -> list[Chart]:
    if not page.told:
        return []
    of_place = {"nivel": page.place.nivel.value, "codigo": page.place.codigo, "tipo_crime": page.setting.crime.slug}
    api = address(f"{API}/series", {"fonte": page.setting.fonte.value, **of_place, "unidade": page.setting.unit.value})
    csv = here.as_file("csv")
    found = (year_chart(page.setting, page.line, csv, api), history_chart(page.setting, page.line, csv, api))
    return [c for c in found if c]


def _warnings(page: Profile) -> list[str]:
    crime, fonte = page.setting.crime, page.setting.source_name
    if page.told:
        return []
    return [f"{crime.label} não é publicado por município nesta fonte ({fonte}): não se aplica, o que não é zero."]


def _crimes(page: Profile, here: Here) -> PageTable:
    year = page.setting.year
    headings = ("Crime ou evento", "O que conta", str(year), "Por 100 mil", "Contra o ano anterior", "Meses comparados")
    ordered = sorted(page.crimes, key=lambda c: c.crime.label)
    rows = [_crime_row(c, here) for c in ordered]
    return PageTable(f"{full_name(page.place)}: o que foi registrado em {year}", headings, rows, texts=1)


def _crime_row(one: CrimeYear, here: Here) -> TableRow:
    link = here.to(tipo_crime=one.crime.slug, unidade=None) + "#graficos"
    cells = [
        Shown(UNIT_WORDS[one.line.unit]),
        total(one.total),
        rate(one.rate, one.total.situacao),
        change(one.before, one.now),
        Shown(number(one.months)) if one.months else words("nenhum"),
    ]
    return TableRow(one.crime.label, cells, link)


def _beside(page: Profile, here: Here) -> PageTable:
    headings = ("Lugar", page.setting.unit_word, "Por 100 mil", "População (ano)")
    rows = [_beside_row(b, here) for b in page.beside]
    return PageTable(f"{page.setting.crime.label}, {page.setting.year}: ao lado de lugares maiores", headings, rows)


def _beside_row(one: Beside, here: Here) -> TableRow:
    cells = [total(one.total), rate(one.rate, one.total.situacao), people(one.rate)]
    return TableRow(full_name(one.place), cells, here.to(codigo=one.place.codigo))


def _revisions(page: Profile) -> PageTable:
    rows = [
        TableRow(
            month(r.mes),
            [revised.before(r), revised.after(r), revised.difference(r), Shown(day(r.instante))],
        )
        for r in page.revisions
    ]
    caption = f"{page.setting.crime.label}, {full_name(page.place)}: números mudados depois de publicados"
    return PageTable(caption, ("Mês", "Antes", "Depois", "Diferença", "Conhecido em"), rows)


def _compare(page: Profile, here: Here) -> str:
    codes = ",".join(b.place.codigo for b in page.beside)
    return here.keeping("comparar", "fonte", "tipo_crime", "unidade", "versao", "em", lugares=codes, medida="taxa")
