"""Dados: what can be taken home, how to ask for it, how to cite it, what the words mean."""

from dataclasses import dataclass

from sinesp.query.model.catalogue import LICENCE, PUBLISHER, SOURCES, Fonte
from sinesp.query.model.rows import Version
from sinesp.query.state import gathered
from sinesp_api.pages.asked import years_of
from sinesp_api.pages.brazilian import day, moment, month, number
from sinesp_api.pages.card import card
from sinesp_api.pages.charts import PageTable, TableRow
from sinesp_api.pages.definitions import BREAKS, CONTINUITY, GLOSSARY
from sinesp_api.pages.fields import crime_field, source_field
from sinesp_api.pages.links import API, address
from sinesp_api.pages.setting import UNIT_WORDS, Setting
from sinesp_api.pages.sheet import Sheet
from sinesp_api.pages.shown import Shown, words
from sinesp_api.pages.standing import standing

VERSIONS_LISTED = 12


@dataclass(frozen=True, slots=True)
class Download:
    """The bulk files of a year."""

    ano: int
    csv: str
    parquet: str


@dataclass(frozen=True, slots=True)
class Example:
    """A question to the API, and its address."""

    pergunta: str
    link: str


async def library_sheet(setting: Setting) -> Sheet:
    """The page.

    Raises:
        TransientError: the views do not answer.
    """
    here = setting.here("dados", ano=None)
    return Sheet(
        pagina="dados",
        titulo="Dados: baixar, consultar, citar",
        resumo="Arquivos, API, definições, quebras de série e como citar.",
        versao=standing(setting, here),
        campos=[source_field(setting.fonte), crime_field(setting)],
        escondidos={name: here.params[name] for name in ("versao", "em")},
        csv=here.as_file("csv"),
        ficha=card(setting, here),
        partes={
            "arquivos": _downloads(setting),
            "crime": setting.crime.label,
            "fontes": await _sources(setting),
            "exemplos": _examples(setting),
            "glossario": GLOSSARY,
            "continuidade": CONTINUITY,
            "quebras": [(SOURCES[f].nome, b) for f, found in BREAKS.items() for b in found],
            "versoes": await _versions(setting),
            "publicador": PUBLISHER,
            "licenca": LICENCE,
        },
    )


def _downloads(setting: Setting) -> list[Download]:
    stem = f"{API}/arquivos/{setting.state.version.versao}/{setting.fonte.value}-{setting.crime.slug}"
    return [Download(y, f"{stem}-{y}.csv", f"{stem}-{y}.parquet") for y in reversed(setting.years)]


async def _sources(setting: Setting) -> PageTable:
    rows = await gathered([_source(setting, fonte) for fonte in Fonte])
    headings = ("Fonte", "Anos", "Último mês", "Publicações lidas", "Última extração")
    return PageTable("Fontes e o que há delas", headings, rows)


async def _source(setting: Setting, fonte: Fonte) -> TableRow:
    version = setting.state.version
    releases = [r for r in await setting.ports.reader.releases(fonte) if setting.state.holds(r)]
    last = version.ultimo_mes.get(fonte)
    name = f"{SOURCES[fonte].nome}. {SOURCES[fonte].descricao}"
    if last is None:
        return TableRow(name, [words("nenhum")] * 4)
    years = years_of(fonte, version, releases)
    dates = [r.extraido_em for r in releases if r.extraido_em]
    span = str(years[0]) if len(years) == 1 else f"{years[0]} a {years[-1]}"
    newest = Shown(day(max(dates))) if dates else words("não informada")
    return TableRow(name, [Shown(span), Shown(month(last)), Shown(number(len(releases))), newest])


async def _versions(setting: Setting) -> PageTable:
    known = await setting.ports.clock.versions()
    rows = [_version(setting, v) for v in known[:VERSIONS_LISTED]]
    caption = f"As últimas versões das visões, de {number(len(known))}"
    return PageTable(caption, ("Versão", "Publicada em", "Publicações novas"), rows, texts=2)


def _version(setting: Setting, version: Version) -> TableRow:
    link = address("/panorama", {"fonte": setting.fonte.value, "versao": version.versao})
    new = ", ".join(sorted(version.publicacoes)) or "nenhuma"
    return TableRow(str(version.versao), [Shown(moment(version.criado_em)), Shown(new)], link)


def _examples(setting: Setting) -> list[Example]:
    base = {"fonte": setting.fonte.value, "tipo_crime": setting.crime.slug}
    year = setting.year
    return [
        Example("A série do Brasil, mês a mês", address(f"{API}/series", base | {"nivel": "brasil", "codigo": "BR"})),
        Example(
            f"Os 27 estados em {year}, com taxa",
            address(f"{API}/mapa", base | {"nivel": "estado", "ano": year, "medida": "taxa"}),
        ),
        Example(f"Quem informou em {year}", address(f"{API}/cobertura", base | {"ano": year})),
        Example(
            f"O mesmo mapa como CSV para o Excel em português ({UNIT_WORDS[setting.unit]})",
            address(f"{API}/mapa", base | {"nivel": "estado", "ano": year, "formato": "csv-excel"}),
        ),
        Example("Crimes de cada fonte, unidades e níveis", address(f"{API}/tipos-crime", {})),
        Example("Todas as versões", address(f"{API}/versoes", {})),
    ]
