"""A page's data as a table: the same rows the API answers with, all of them, whatever the page shows of them."""

from collections.abc import Iterator, Sequence

from sinesp.domain.crimes import Unit
from sinesp.query.described import unit_of
from sinesp.query.model.answers import Column, Scalar, Table, table
from sinesp.query.model.catalogue import crimes, levels, units
from sinesp.query.model.months import month_of
from sinesp.query.model.places import Nivel, Place, places
from sinesp.query.model.questions import SeriesQuestion
from sinesp.query.model.rows import CoverageRow, Revision
from sinesp.query.series import answer_series
from sinesp.query.yearly_map import map_answer
from sinesp_api.pages.changes import Changes
from sinesp_api.pages.comparison import Comparison
from sinesp_api.pages.overview import Overview, question_of
from sinesp_api.pages.reporting import Reporting
from sinesp_api.pages.setting import Setting

REVISION_COLUMNS = (
    Column("publicacao", "texto", "Publicação que mudou o número"),
    Column("instante", "texto", "Quando a mudança ficou conhecida, UTC"),
    Column("fonte", "texto", "Fonte dos números"),
    Column("nivel", "texto", "Nível do lugar"),
    Column("codigo", "texto", "Código IBGE do lugar"),
    Column("nome", "texto", "Nome do lugar"),
    Column("uf", "texto", "Sigla do estado"),
    Column("tipo_crime", "texto", "Crime"),
    Column("mes", "texto", "AAAA-MM"),
    Column("unidade", "texto", "O que o número conta"),
    Column("situacao_antes", "texto", "informado, em_branco ou ausente"),
    Column("antes", "inteiro", "Número antes"),
    Column("situacao_depois", "texto", "informado, em_branco ou ausente"),
    Column("depois", "inteiro", "Número depois"),
    Column("publicacao_antes", "texto", "Publicação que dizia o número de antes"),
)
COVERAGE_COLUMNS = (
    Column("fonte", "texto", "Fonte dos números"),
    Column("tipo_crime", "texto", "Crime"),
    Column("uf", "texto", "Sigla do estado"),
    Column("mes", "texto", "AAAA-MM"),
    Column("nivel", "texto", "O que foi contado: municípios, ou o próprio estado"),
    Column("lugares", "inteiro", "Quantos lugares o estado tem"),
    Column("informados", "inteiro", "Lugares com número acima de zero"),
    Column("zeros", "inteiro", "Lugares que informaram zero"),
    Column("em_branco", "inteiro", "Lugares com registro sem número"),
    Column("ausentes", "inteiro", "Lugares sem registro"),
)


def overview_table(page: Overview) -> Table:
    """All places of the map."""
    question = question_of(page.setting, page.level, page.uf)
    return map_answer(page.setting.state, question, page.setting.unit, page.found).table


async def place_table(setting: Setting, where: Place) -> Table:
    """All crimes of a place, each in every unit the source counts, month by month."""
    answers = [await _of_unit(setting, where, unit) for unit in (Unit.VITIMAS, Unit.OCORRENCIAS)]
    found = [t for t in answers if t]
    return table(found[0].columns, (row for one in found for row in one.rows))


async def _of_unit(setting: Setting, where: Place, unit: Unit) -> Table | None:
    fonte = setting.fonte
    known = [c for c in crimes(fonte).values() if where.nivel in levels(fonte, c) and unit in units(fonte, c)]
    slugs = tuple(sorted(c.slug for c in known))
    if not slugs:
        return None
    question = SeriesQuestion(fonte, (where,), slugs, unit, moment=setting.asked.moment)
    return (await answer_series(setting.ports, question)).table


async def comparison_table(page: Comparison) -> Table:
    """The lines, with rates when rates are shown."""
    setting = page.setting
    told = levels(setting.fonte, setting.crime)
    shown = tuple(places(Nivel.ESTADO)) if page.states else tuple(p for p in page.places if p.nivel in told)
    unit = unit_of(setting.fonte, setting.crime.slug, setting.unit)
    question = SeriesQuestion(
        setting.fonte, shown, (setting.crime.slug,), unit, page.medida, page.janela, moment=setting.asked.moment
    )
    return (await answer_series(setting.ports, question)).table


def changes_table(page: Changes) -> Table:
    """All revisions that the filters leave."""
    return table(REVISION_COLUMNS, (row for r in page.found for row in _revision_rows(r)))


def _revision_rows(revision: Revision) -> Iterator[tuple[Scalar, ...]]:
    for unit in sorted({*revision.antes, *revision.depois}) or [""]:
        yield (
            revision.publicacao,
            revision.instante.isoformat().replace("+00:00", "Z"),
            revision.fonte,
            revision.nivel,
            revision.codigo,
            revision.nome,
            revision.uf,
            revision.tipo_crime,
            revision.mes,
            unit or None,
            revision.situacao_antes,
            revision.antes.get(unit),
            revision.situacao_depois,
            revision.depois.get(unit),
            revision.publicacao_antes,
        )


def reporting_table(page: Reporting) -> Table:
    """State by month."""
    return table(COVERAGE_COLUMNS, (row for r in page.rows for row in _coverage_rows(page.setting, r)))


def _coverage_rows(setting: Setting, row: CoverageRow) -> Iterator[tuple[Scalar, ...]]:
    counts: Sequence[dict[int, int]] = [dict(m) for m in (row.informados, row.zeros, row.em_branco, row.ausentes)]
    for month in range(1, 13):
        start = (setting.fonte.value, setting.crime.slug, row.uf, month_of(setting.year, month), row.nivel, row.lugares)
        yield (*start, *(c.get(month, 0) for c in counts))
