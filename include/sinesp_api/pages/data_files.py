"""A page's data as a table: the same rows the API answers with, all of them, whatever the page shows of them."""

from sinesp.domain.crimes import Unit
from sinesp.query.described import unit_of
from sinesp.query.model.answers import Scalar, Table, table
from sinesp.query.model.catalogue import crimes, levels, units
from sinesp.query.model.places import Nivel, Place, places
from sinesp.query.model.questions import SeriesQuestion
from sinesp.query.model.rows import Revision
from sinesp.query.revisions import REVISION_COLUMNS
from sinesp.query.series import answer_series
from sinesp.query.yearly_map import map_answer
from sinesp_api.pages.changes import Changes
from sinesp_api.pages.comparison import Comparison
from sinesp_api.pages.overview import Overview, question_of
from sinesp_api.pages.reporting import Reporting
from sinesp_api.pages.revised import situation
from sinesp_api.pages.setting import Setting


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
    """All revisions that the filters leave, in the page's order."""
    return table(REVISION_COLUMNS, map(_revision, page.found))


def _revision(r: Revision) -> tuple[Scalar, ...]:
    head = (r.fonte, r.publicacao, r.publicacao_antes, r.instante.isoformat())
    place = (r.nivel, r.codigo, r.nome, r.uf, r.tipo_crime, r.mes)
    before = (situation(r.situacao_antes, r.antes), r.antes.get(Unit.VITIMAS), r.antes.get(Unit.OCORRENCIAS))
    after = (situation(r.situacao_depois, r.depois), r.depois.get(Unit.VITIMAS), r.depois.get(Unit.OCORRENCIAS))
    return (*head, *place, *before, *after)


def reporting_table(page: Reporting) -> Table:
    """State by month."""
    return page.answer.table
