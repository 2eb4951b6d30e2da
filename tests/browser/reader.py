"""The views in memory, with the official figures: three releases of the UF workbook and the VDE of 2024."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from sinesp.query.adapters.memory_reader import MemoryReader
from sinesp.query.model.cells import Situacao
from sinesp.query.model.months import month_of
from sinesp.query.model.reader import CrimeYear, PlaceKey
from sinesp.query.model.rows import Key, Population, Release, Revision, Version, YearRow
from tests.browser.official_rows import UF_WORKBOOKS, VDE, coverage_rows, year_rows

UF_RELEASES = ("sinesp-uf/1-0a1b2c3d", "sinesp-uf/2-1b2c3d4e", "sinesp-uf/3-2c3d4e5f")
FOURTH = "sinesp-uf/4-4e5f6071"
VDE_RELEASE = "sinesp-vde-2024/1-3d4e5f60"
_DATES = (
    datetime(2021, 10, 25, 12, tzinfo=UTC),
    datetime(2023, 4, 14, 12, tzinfo=UTC),
    datetime(2023, 9, 18, 12, tzinfo=UTC),
)
_VDE_DATE = datetime(2025, 8, 20, 12, tzinfo=UTC)


@dataclass
class FigureReader(MemoryReader):
    """A memory reader that finds its rows by key."""

    by_place: dict[tuple[str, str, str, str], list[YearRow]] = field(default_factory=dict)
    by_crime: dict[tuple[str, str, int, str], list[YearRow]] = field(default_factory=dict)

    async def place_years(self, place: PlaceKey, tipo_crime: str) -> Sequence[YearRow]:
        found = self.by_place.get((place.fonte, place.nivel, place.codigo, tipo_crime), [])
        return sorted(found, key=lambda r: r.key.ano)

    async def crime_year(self, key: CrimeYear, uf: str | None = None) -> Sequence[YearRow]:
        found = self.by_crime.get((key.fonte, key.tipo_crime, key.ano, key.nivel), [])
        return sorted((r for r in found if uf in {None, r.uf}), key=lambda r: (r.uf, r.key.codigo))

    def revise(self, codigo: str, crime: str, month: str, value: int) -> None:
        """A fourth release of the UF workbook that changes one state's month, and the version with it."""
        key = Key("sinesp-uf", "estado", codigo, crime, int(month[:4]))
        rows = self.by_place[key.fonte, key.nivel, codigo, crime]
        old = next(r for r in rows if r.key == key)
        number = int(month[5:])
        new = replace(old, ocorrencias={**old.ocorrencias, number: value})
        for index, place in ((self.by_place, (*_place_of(key), crime)), (self.by_crime, _crime_of(key))):
            index[place] = [new if r is old else r for r in index[place]]  # type: ignore[index]
        before = {"ocorrencias": old.ocorrencias[number]}
        instant = datetime(2025, 9, 1, tzinfo=UTC)
        self.known_revisions.append(
            Revision(
                fonte=key.fonte, publicacao=FOURTH, uf=old.uf, nivel=key.nivel, codigo=codigo, tipo_crime=crime,
                mes=month, nome=old.nome, situacao_antes="informado", antes=before, situacao_depois="informado",
                depois={"ocorrencias": value}, publicacao_antes=UF_RELEASES[2], instante=instant,
            )
        )  # fmt: skip
        self.known_releases.append(Release("sinesp-uf", FOURTH, instant, False, "4e5f", 0, 1, 0))
        newest = replace(first_version(2), publicacoes=frozenset({FOURTH}))
        self.known_versions.append(newest)


def _place_of(key: Key) -> tuple[str, str, str]:
    return key.fonte, key.nivel, key.codigo


def _crime_of(key: Key) -> tuple[str, str, int, str]:
    return key.fonte, key.tipo_crime, key.ano, key.nivel


@cache
def _figures() -> tuple[list[YearRow], list[Release], list[Revision]]:
    uf = [year_rows(path, n) for n, path in enumerate(UF_WORKBOOKS, 1)]
    revisions = [r for n in (1, 2) for r in _revisions(uf[n - 1], uf[n], n)]
    counts = {n: [r for r in revisions if r.publicacao == UF_RELEASES[n]] for n in (1, 2)}
    releases = [Release("sinesp-uf", UF_RELEASES[0], _DATES[0], True, "0a1b", len(uf[0]), 0, 0)]
    for n in (1, 2):
        kinds = [(r.situacao_antes, r.situacao_depois) for r in counts[n]]
        new = sum(before == Situacao.AUSENTE for before, _ in kinds)
        gone = sum(after == Situacao.AUSENTE for _, after in kinds)
        releases.append(
            Release("sinesp-uf", UF_RELEASES[n], _DATES[n], False, "1b2c", new, len(kinds) - new - gone, gone)
        )
    vde = year_rows(VDE, 1)
    releases.append(Release("sinesp-vde", VDE_RELEASE, _VDE_DATE, True, "3d4e", len(vde), 0, 0))
    return [*uf[2], *vde], releases, revisions


@cache
def _population() -> dict[str, dict[tuple[str, int], Population]]:
    found: dict[str, dict[tuple[str, int], Population]] = defaultdict(dict)
    with (Path(__file__).parent / "data/populacao.csv").open() as file:
        for row in csv.DictReader(file):
            people = Population(int(row["habitantes"]), row["tipo"], int(row["ano_base"]))
            found[row["nivel"]][row["codigo"], int(row["ano"])] = people
    return found


def figure_reader() -> FigureReader:
    """A reader of its own for each caller: a test may add versions to it."""
    rows, releases, revisions = _figures()
    reader = FigureReader(
        rows=rows,
        known_versions=[first_version()],
        known_releases=list(releases),
        known_revisions=list(revisions),
        known_coverage=coverage_rows(rows),
        inhabitants=_population(),
    )
    reader.by_place, reader.by_crime = _indexed(rows)
    return reader


def first_version(number: int = 1) -> Version:
    published = frozenset({*UF_RELEASES, VDE_RELEASE})
    last = {"sinesp-uf": "2022-12", "sinesp-vde": "2024-12"}
    return Version(number, datetime(2025, 8, 20, 15, number, tzinfo=UTC), number, published, last)


def _indexed(
    rows: Iterable[YearRow],
) -> tuple[dict[tuple[str, str, str, str], list[YearRow]], dict[tuple[str, str, int, str], list[YearRow]]]:
    by_place: dict[tuple[str, str, str, str], list[YearRow]] = defaultdict(list)
    by_crime: dict[tuple[str, str, int, str], list[YearRow]] = defaultdict(list)
    for row in rows:
        key = row.key
        by_place[key.fonte, key.nivel, key.codigo, key.tipo_crime].append(row)
        by_crime[key.fonte, key.tipo_crime, key.ano, key.nivel].append(row)
    return by_place, by_crime


_Cell = tuple[str, dict[str, int]]


def _cells(rows: Iterable[YearRow]) -> dict[tuple[Key, int], tuple[YearRow, _Cell]]:
    found: dict[tuple[Key, int], tuple[YearRow, _Cell]] = {}
    for row in rows:
        for month in row.months:
            numbers = {
                name: m[month] for name, m in (("vitimas", row.vitimas), ("ocorrencias", row.ocorrencias)) if month in m
            }
            found[row.key, month] = row, (Situacao.INFORMADO if numbers else Situacao.EM_BRANCO, numbers)
    return found


def _revisions(before: Iterable[YearRow], after: Iterable[YearRow], release: int) -> list[Revision]:
    old, new = _cells(before), _cells(after)
    absent: _Cell = (Situacao.AUSENTE, {})
    found = []
    for key, month in sorted({*old, *new}, key=repr):
        was = old[key, month][1] if (key, month) in old else absent
        now = new[key, month][1] if (key, month) in new else absent
        if was == now or key.nivel == "regiao":
            continue
        row = (new.get((key, month)) or old[key, month])[0]
        found.append(
            Revision(
                fonte=key.fonte, publicacao=UF_RELEASES[release], uf=row.uf, nivel=key.nivel, codigo=key.codigo,
                tipo_crime=key.tipo_crime, mes=month_of(key.ano, month), nome=row.nome,
                situacao_antes=str(was[0]), antes=was[1], situacao_depois=str(now[0]), depois=now[1],
                publicacao_antes=UF_RELEASES[release - 1], instante=_DATES[release],
            )
        )  # fmt: skip
    return found
