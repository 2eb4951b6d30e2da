"""The panorama as a sheet: its controls, its map and squares, its ranking."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from sinesp.domain.territory import UF_CODES
from sinesp.query.model.questions import Medida
from sinesp.query.yearly_map import PlaceTotal
from sinesp_api.pages.brazilian import number
from sinesp_api.pages.card import card
from sinesp_api.pages.drawing import Mark, Palette, palette, shapes, tiles
from sinesp_api.pages.fields import Field, basic_fields, measure_field, state_field
from sinesp_api.pages.links import API, address
from sinesp_api.pages.maps import NEARER, Map
from sinesp_api.pages.maps import shapes as shapes_of
from sinesp_api.pages.overview import Overview, figures, headline, marks, place_link, ranked
from sinesp_api.pages.rendering import render, standalone
from sinesp_api.pages.sheet import Drawing, Sheet
from sinesp_api.pages.shown import Shown, people, plain, rate, total, words
from sinesp_api.pages.standing import standing

TILES_BOX = "-1 -1 366 418"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A line of the ranking; `posicao` is empty for a place that is not ranked."""

    posicao: str
    nome: str
    link: str
    barra: float
    valor: Shown
    taxa: Shown
    populacao: Shown
    trienio: Shown


@dataclass(frozen=True, slots=True)
class Picture:
    """A map or the squares, with the colours of their classes."""

    marks: Sequence[Mark]
    colours: Palette
    where: Map
    stops: bool


def picture(page: Overview) -> Picture:
    """The places of the page's level with their classes."""
    found = marks(page)
    decimals = 1 if page.medida is Medida.TAXA else 0
    where = shapes_of(UF_CODES[page.uf] if page.uf else "BR")
    # The municipalities of a state are too many stops for a keyboard: they are links in the table beside.
    return Picture(found, palette(found, lambda v: number(v, decimals)), where, stops=page.uf is None)


def overview_sheet(page: Overview) -> Sheet:
    """The page."""
    title = _title(page)
    return Sheet(
        pagina="panorama",
        titulo=title,
        resumo=f"{title}: mapa, ordem dos lugares e série, com a fonte e a versão.",
        versao=standing(page.setting, page.here),
        campos=_fields(page),
        escolhas=(measure_field(page.medida),),
        escondidos={name: page.here.params.get(name) for name in ("versao", "em")},
        manchete=headline(page),
        csv=page.here.as_file("csv"),
        desenhos=drawings(page),
        graficos=figures(page),
        ficha=card(page.setting, page.here, _warnings(page), _population(page)),
        partes={
            "ordem": _ranking(page),
            "trienios": any(f.rate and f.rate.taxa_3anos is not None for f in page.found),
            "medida": page.medida.value,
            "uf": page.uf,
            "volta": page.here.to(uf=None),
        },
    )


def _title(page: Overview) -> str:
    return f"{page.setting.crime.label}, {page.whole.place.nome}, {page.setting.year}"


def _fields(page: Overview) -> list[Field]:
    found = basic_fields(page.setting)
    asked = page.setting.asked.uf
    return [*found, state_field(asked, "todos os estados")] if page.setting.told_by_municipality or asked else found


def _warnings(page: Overview) -> list[str]:
    found = []
    if page.setting.asked.uf and page.uf is None:
        found.append("Este crime só é publicado por estado: não há números por município.")
    partial = sum(f.total.parcial for f in page.found)
    if partial:
        found.append(f"{partial} lugares têm soma incompleta: falta número em algum mês. Não entram na ordem.")
    return found


def _population(page: Overview) -> str:
    rates = [f.rate for f in page.found if f.rate and f.rate.population]
    years = sorted({r.population.ano_base for r in rates if r.population})
    if not years:
        return "sem população conhecida para este ano: nenhuma taxa"
    listed = " e ".join(map(str, years))
    carried = any(r.population and r.population.ano_base != page.setting.year for r in rates)
    return f"IBGE, {listed}" + (f" (repetida, por falta da de {page.setting.year})" if carried else "")


def drawings(page: Overview) -> list[Drawing]:
    """The map, and for states the squares too."""
    made = picture(page)
    found = [_map(page, made)]
    return [*found, _tiles(page, made)] if page.uf is None else found


def _map(page: Overview, made: Picture) -> Drawing:
    inside, outside = shapes(made.where, made.marks, made.colours)
    label = f"Mapa: {_subtitle(page)}"
    svg = render("svg/map.svg", map=made.where, shapes=inside, label=label, stops=made.stops)
    nearer = [NEARER[page.uf]] if page.uf and page.uf in NEARER else []
    title = "Mapa dos municípios" if page.uf else "Mapa dos estados"
    return replace(_drawing(page, made, "mapa"), titulo=title, svg=svg, notas=[*nearer, *(m.texto for m in outside)])


def _tiles(page: Overview, made: Picture) -> Drawing:
    squares = tiles(made.marks, made.colours)
    svg = render("svg/tiles.svg", tiles=squares, label=f"Quadrados: {_subtitle(page)}")
    note = "Todos do mesmo tamanho: no mapa, DF, SE e AL somem."
    return replace(_drawing(page, made, "quadrados"), titulo="Um quadrado por estado", svg=svg, notas=[note])


def _subtitle(page: Overview) -> str:
    counted = page.setting.unit_word
    what = f"{counted} por 100 mil habitantes" if page.medida is Medida.TAXA else counted
    return f"{page.setting.crime.label}, {what}, {page.setting.year}"


def _drawing(page: Overview, made: Picture, name: str) -> Drawing:
    params = {"fonte": page.setting.fonte.value, "tipo_crime": page.setting.crime.slug, "ano": page.setting.year}
    return Drawing(
        id=name,
        titulo="",
        subtitulo=_subtitle(page),
        svg=Markup(),
        legenda=made.colours.legend(made.marks),
        leitura="Aponte um lugar para ler seu número.",
        desenho=page.here.as_file("svg", quadro=name),
        csv=page.here.as_file("csv"),
        api=address(f"{API}/mapa", params | {"nivel": page.level.value, "uf": page.uf, "medida": page.medida.value}),
    )


def drawing_file(page: Overview, name: str) -> Markup | None:
    """A drawing as an SVG file: `mapa` or `quadrados`; None for squares of municipalities."""
    made = picture(page)
    chosen = next((d for d in drawings(page) if d.id == name), None)
    if chosen is None:
        return None
    box = TILES_BOX if name == "quadrados" else f"-8 -8 {made.where.width + 16} {made.where.height + 16}"
    texts = (_title(page), chosen.subtitulo, page.setting.source_line)
    return standalone(chosen.svg, box=box, height=740, words=texts, legend=list(chosen.legenda))


def _ranking(page: Overview) -> list[Ranked]:
    inside, outside = ranked(page)
    top = max((_size(page, f) for f in inside), default=0) or 1
    lines = [_line(page, f, str(n), _size(page, f) / top) for n, f in enumerate(inside, 1)]
    return lines + [_line(page, f, "", 0) for f in sorted(outside, key=lambda f: f.place.nome)]


def _size(page: Overview, found: PlaceTotal) -> float:
    chosen = found.rate.taxa if page.medida is Medida.TAXA and found.rate else found.total.valor
    return chosen or 0


def _line(page: Overview, found: PlaceTotal, position: str, share: float) -> Ranked:
    pooled = found.rate.taxa_3anos if found.rate else None
    return Ranked(
        posicao=position,
        nome=found.place.nome,
        link=place_link(page, found.place),
        barra=share,
        valor=total(found.total),
        taxa=rate(found.rate, found.total.situacao),
        populacao=people(found.rate),
        trienio=plain(pooled, 1) if pooled is not None else words("sem três anos"),
    )
