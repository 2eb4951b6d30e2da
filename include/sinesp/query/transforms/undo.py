"""The state of rows before some of their revisions: what a cell said on a day, or in a version."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sinesp.domain.crimes import Unit
from sinesp.query.model.cells import Situacao
from sinesp.query.model.months import number_of, year_of
from sinesp.query.model.rows import Key, Revision, YearRow

_Months = dict[int, Revision]


@dataclass(slots=True)
class _Draft:
    """A row while its cells are put back."""

    nome: str
    uf: str
    vitimas: dict[int, int] = field(default_factory=dict)
    ocorrencias: dict[int, int] = field(default_factory=dict)
    em_branco: set[int] = field(default_factory=set)

    def put_back(self, month: int, revision: Revision) -> None:
        for numbers, unit in ((self.vitimas, Unit.VITIMAS), (self.ocorrencias, Unit.OCORRENCIAS)):
            numbers.pop(month, None)
            if unit in revision.antes:
                numbers[month] = revision.antes[unit]
        self.em_branco.discard(month)
        if revision.situacao_antes == Situacao.EM_BRANCO:
            self.em_branco.add(month)


def undone(
    rows: Iterable[YearRow], revisions: Iterable[Revision], is_undone: Callable[[Revision], bool]
) -> list[YearRow]:
    """The rows as they were before the revisions that are to be undone; rows with no record left are dropped.

    Order: (uf, codigo, tipo_crime, ano).
    """
    current = {row.key: row for row in rows}
    changes = _earliest(filter(is_undone, revisions))
    if not changes:
        return list(current.values())
    for key, months in changes.items():
        row = _before(key, current.get(key), months)
        if row.months:
            current[key] = row
        else:
            current.pop(key, None)
    return sorted(current.values(), key=lambda r: (r.uf, r.key.codigo, r.key.tipo_crime, r.key.ano))


def _earliest(revisions: Iterable[Revision]) -> dict[Key, _Months]:
    """Of the revisions of each cell the first one: what it replaced is what the cell said."""
    cells: dict[tuple[Key, int], list[Revision]] = defaultdict(list)
    for r in revisions:
        key = Key(r.fonte, r.nivel, r.codigo, r.tipo_crime, year_of(r.mes))
        cells[key, number_of(r.mes)].append(r)
    found: dict[Key, _Months] = defaultdict(dict)
    for (key, month), chain in cells.items():
        found[key][month] = _first(chain)
    return found


def _first(chain: Sequence[Revision]) -> Revision:
    instant = min(r.instante for r in chain)
    tied = [r for r in chain if r.instante == instant]
    # Two publications may have become known at one instant: the first is the one that replaces no other of them.
    names = {r.publicacao for r in tied}
    return next((r for r in tied if r.publicacao_antes not in names), tied[0])


def _before(key: Key, row: YearRow | None, months: Mapping[int, Revision]) -> YearRow:
    draft = _draft(row, months)
    for month, revision in months.items():
        draft.put_back(month, revision)
    version = row.versao if row else 0
    blank = frozenset(draft.em_branco)
    return YearRow(key, draft.nome, draft.uf, draft.vitimas, draft.ocorrencias, blank, version)


def _draft(row: YearRow | None, months: Mapping[int, Revision]) -> _Draft:
    if row is None:
        any_revision = next(iter(months.values()))
        return _Draft(any_revision.nome, any_revision.uf)
    return _Draft(row.nome, row.uf, dict(row.vitimas), dict(row.ocorrencias), set(row.em_branco))
