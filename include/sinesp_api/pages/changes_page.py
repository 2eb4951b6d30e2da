"""What changed as a sheet: the releases, the squares of how many cells changed, the list."""

from collections.abc import Sequence

from markupsafe import Markup

from sinesp.domain.territory import UFS
from sinesp.query.model.catalogue import crimes
from sinesp.query.model.places import Nivel
from sinesp.query.model.rows import Release, Revision
from sinesp_api.pages import revised
from sinesp_api.pages.brazilian import BRASILIA, day, month, number
from sinesp_api.pages.changes import LEVELS, LISTED, Changes
from sinesp_api.pages.charts import PageTable, TableRow
from sinesp_api.pages.drawing import Mark, palette, tiles
from sinesp_api.pages.fields import Field, field, source_field, state_field
from sinesp_api.pages.links import API, address
from sinesp_api.pages.rendering import render, standalone
from sinesp_api.pages.sheet import Drawing, Sheet
from sinesp_api.pages.sheet import Shown as Standing
from sinesp_api.pages.shown import Shown, words

_LEVEL_NAMES = {
    Nivel.ESTADO: "estados",
    Nivel.MUNICIPIO: "municípios",
    Nivel.BRASIL: "país",
    Nivel.OUTRO: "forças federais",
}


def changes_sheet(page: Changes) -> Sheet:
    """The page."""
    title = "O que mudou depois de publicado"
    drawn = [_tiles(page)] if page.release and page.nivel in {Nivel.ESTADO, Nivel.MUNICIPIO} and page.by_state else []
    return Sheet(
        pagina="o-que-mudou",
        titulo=title,
        resumo=f"{title}: cada número que uma publicação do Sinesp alterou, com antes e depois.",
        versao=Standing(page.state.version.versao, f"Versão {page.state.version.versao}."),
        campos=_fields(page),
        escondidos={"versao": page.here.params["versao"], "em": page.here.params["em"]},
        manchete=_headline(page),
        csv=page.here.as_file("csv"),
        desenhos=drawn,
        partes={"mudancas": _list(page), "publicacoes": _releases(page), "total": len(page.found), "mostradas": LISTED},
    )


def release_name(release: Release) -> str:
    """Source, number and day of a release."""
    number_of = release.publicacao.partition("/")[2].partition("-")[0]
    when = f", de {day(release.extraido_em)}" if release.extraido_em else ""
    return f"{release.source_key}, publicação {number_of}{when}"


def _fields(page: Changes) -> list[Field]:
    listed = sorted(((c.slug, c.label) for c in crimes(page.fonte).values()), key=lambda option: option[1])
    chosen = page.release.publicacao if page.release else ""
    order = "tamanho" if page.largest_first else "mes"
    return [
        source_field(page.fonte),
        field("publicacao", "Publicação", chosen, ((r.publicacao, release_name(r)) for r in page.releases)),
        field("nivel", "Lugares", page.nivel.value, ((n.value, _LEVEL_NAMES[n]) for n in LEVELS)),
        state_field(page.uf, "todos"),
        field("tipo_crime", "Crime ou evento", page.crime or "", [("", "todos os crimes"), *listed]),
        field("ordem", "Ordem", order, (("tamanho", "maior mudança primeiro"), ("mes", "mês"))),
    ]


def _headline(page: Changes) -> Markup:
    release = page.release
    if release is None:
        return Markup("Esta fonte ainda não tem publicação nas visões.")
    if release.primeira:
        said = Markup("{} é a primeira desta fonte: {} números novos, nada para comparar.")
        return said.format(release_name(release), number(release.novos))
    if page.too_many:
        said = Markup("{} mudou <strong>{}</strong> números. São muitos para uma página: escolha um estado.")
        return said.format(release_name(release), number(release.novos + release.alterados + release.excluidos))
    where = f" em {page.uf}" if page.uf else ""
    said = Markup("{} mudou <strong>{}</strong> números de {}{}.")
    return said.format(release_name(release), number(len(page.found)), _LEVEL_NAMES[page.nivel], where)


def _list(page: Changes) -> PageTable:
    labels = {slug: crime.label for slug, crime in crimes(page.fonte).items()}
    rows = [_row(page, r, labels.get(r.tipo_crime, r.tipo_crime)) for r in page.found[:LISTED]]
    headings = ("Lugar", "Crime", "Mês", "Antes", "Depois", "Diferença")
    return PageTable("Números mudados", headings, rows, texts=2)


def _row(page: Changes, revision: Revision, label: str) -> TableRow:
    name = revision.nome if revision.nivel != Nivel.MUNICIPIO else f"{revision.nome}/{revision.uf}"
    own = {"fonte": page.fonte.value, "tipo_crime": revision.tipo_crime, "ano": revision.mes[:4]}
    link = address("/lugar", {"codigo": revision.codigo, **own}) if revision.nivel != Nivel.OUTRO else None
    cells = [Shown(label), Shown(month(revision.mes)), revised.before(revision), revised.after(revision)]
    return TableRow(name, [*cells, revised.difference(revision)], link)


def _releases(page: Changes) -> PageTable:
    rows = [
        TableRow(
            release_name(r),
            [Shown(number(r.novos)), *_changed(r)],
            page.here.to(publicacao=r.publicacao),
        )
        for r in page.releases
    ]
    return PageTable("Publicações desta fonte", ("Publicação", "Números novos", "Alterados", "Desaparecidos"), rows)


def _changed(release: Release) -> Sequence[Shown]:
    if release.primeira:
        return [words("primeira"), words("primeira")]
    return [Shown(number(release.alterados)), Shown(number(release.excluidos))]


def _marks(page: Changes) -> list[Mark]:
    found = []
    for uf, name in UFS.items():
        count = page.by_state[uf]
        text = f"{name}: {number(count)} números mudados" if count else f"{name}: nenhum número mudado"
        found.append(Mark(uf, uf, count, "zero", text, number(count), page.here.to(uf=uf)))
    return found


def _tiles(page: Changes) -> Drawing:
    marks = _marks(page)
    colours = palette(marks, number)
    label = "Quantos números mudaram em cada estado"
    return Drawing(
        id="mudancas",
        titulo=label,
        subtitulo=release_name(page.release) if page.release else "",
        svg=render("svg/tiles.svg", tiles=tiles(marks, colours), label=label),
        legenda=colours.legend(marks),
        leitura="Aponte um estado; o toque mostra só as mudanças dele.",
        desenho=page.here.as_file("svg"),
        csv=page.here.as_file("csv"),
        api=address(f"{API}/revisoes", {"fonte": page.fonte.value, "desde": _since(page), "uf": page.uf}),
    )


def _since(page: Changes) -> str | None:
    known = page.release.extraido_em if page.release else None
    return known.astimezone(BRASILIA).date().isoformat() if known else None


def changes_file(page: Changes) -> Markup:
    """The squares as an SVG file."""
    drawn = _tiles(page)
    source = f"Fonte: MJSP/Sinesp. Versão {page.state.version.versao} das visões."
    texts = (drawn.titulo, drawn.subtitulo, source)
    return standalone(drawn.svg, box="-1 -1 366 418", height=700, words=texts, legend=list(drawn.legenda))
