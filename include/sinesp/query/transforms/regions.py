"""A region's rows: the sum of its states', month by month, as the views compute them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sinesp.query.model.places import Place
from sinesp.query.model.rows import YearRow


def region_rows(region: Place, states: Iterable[YearRow]) -> list[YearRow]:
    """One row per crime and year. A month is the sum of those with a number, blank when all that are there are."""
    groups: dict[tuple[str, int], list[YearRow]] = defaultdict(list)
    for row in states:
        groups[row.key.tipo_crime, row.key.ano].append(row)
    return [_sum(region, rows) for _, rows in sorted(groups.items())]


def _sum(region: Place, rows: list[YearRow]) -> YearRow:
    vitimas, ocorrencias = _totals(r.vitimas for r in rows), _totals(r.ocorrencias for r in rows)
    blank = frozenset(m for row in rows for m in row.em_branco) - vitimas.keys() - ocorrencias.keys()
    key = replace(rows[0].key, nivel=region.nivel, codigo=region.codigo)
    return YearRow(key, region.nome, "", vitimas, ocorrencias, blank, max(r.versao for r in rows))


def _totals(maps: Iterable[Mapping[int, int]]) -> dict[int, int]:
    total: Counter[int] = Counter()
    for numbers in maps:
        total.update(numbers)
    return dict(total)
