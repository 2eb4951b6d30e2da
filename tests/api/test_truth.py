"""Every cell of the official files through the API equals the file, read again by plainer means.

By a seed some crimes of the VDE; SINESP_TRUTH=all takes all of them.
"""

import csv
import io
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sinesp.domain.crimes import VDE_EVENTS, Level, Unit
from sinesp.query.adapters.memory_reader import MemoryReader
from sinesp.query.model.months import month_of
from sinesp.query.model.rows import Release, Revision, Version, YearRow
from sinesp_stack.stack import Stack
from tests.api.folding import year_rows
from tests.api.load import load
from tests.api.service import Service, serving
from tests.files.official import UF_2023_04, UF_2023_09, VDE_2024, content_of
from tests.files.sums import Cells, uf_file, vde_file

SEED = 20_260_712
VDE, UF = "sinesp-vde", "sinesp-uf"
FIRST, SECOND = datetime(2023, 4, 14, 15, tzinfo=UTC), datetime(2023, 9, 21, 15, tzinfo=UTC)
UF_1, UF_2, VDE_1 = "sinesp-uf/1-aaaaaaaa", "sinesp-uf/2-bbbbbbbb", "sinesp-vde-2024/1-cccccccc"
LAST = {VDE: "2024-12", UF: "2022-12"}


def sampled_crimes() -> list[str]:
    """Of municipalities and of states, with and without victims."""
    told = [c for c in VDE_EVENTS.values() if c.unit is not Unit.PESO]
    slugs = {level: sorted({c.slug for c in told if c.level is level}) for level in Level}
    if os.environ.get("SINESP_TRUTH") == "all":
        return sorted({s for listed in slugs.values() for s in listed})
    chance = random.Random(SEED)
    return [*chance.sample(slugs[Level.MUNICIPIO], 1), *chance.sample(slugs[Level.ESTADO], 3)]


@cache
def uf_rows(path: Path) -> list[YearRow]:
    """Rows of a UF workbook as the product reads it."""
    return year_rows(content_of(path).records, UF)


def revisions() -> list[Revision]:
    """What the second workbook changed of the first."""
    before = {r.key: r for r in uf_rows(UF_2023_04)}
    after = {r.key: r for r in uf_rows(UF_2023_09)}
    return [
        _revision(before.get(key) or after[key], before.get(key), after.get(key), month)
        for key in sorted(before.keys() | after.keys(), key=repr)
        for month in range(1, 13)
        if _said(before.get(key), month) != _said(after.get(key), month)
    ]


def _said(row: YearRow | None, month: int) -> tuple[str, dict[str, int]]:
    if row is None or not row.has_record(month):
        return "ausente", {}
    numbers = {u.value: row.numbers(u)[month] for u in (Unit.VITIMAS, Unit.OCORRENCIAS) if month in row.numbers(u)}
    return ("informado" if numbers else "em_branco"), numbers


def _revision(of: YearRow, before: YearRow | None, after: YearRow | None, month: int) -> Revision:
    key = of.key
    where = (of.uf, key.nivel, key.codigo, key.tipo_crime, month_of(key.ano, month), of.nome)
    return Revision(UF, UF_2, *where, *_said(before, month), *_said(after, month), UF_1, SECOND)


@pytest.fixture(scope="module")
def truth(tables: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The API over the official files: both UF workbooks, sampled crimes of the VDE of 2024."""
    from sinesp_stack.services.cassandra.session import open_session

    changed = revisions()
    reader = MemoryReader(
        rows=[*uf_rows(UF_2023_09), *year_rows(content_of(VDE_2024).records, VDE, sampled_crimes())],
        known_versions=[Version(1, datetime.now(UTC), 1, frozenset({UF_1, UF_2, VDE_1}), LAST)],
        known_releases=[
            Release(UF, UF_1, FIRST, True, None, 1, 0, 0),
            Release(UF, UF_2, SECOND, False, None, 0, len(changed), 0),
            Release(VDE, VDE_1, SECOND, True, None, 1, 0, 0),
        ],
        known_revisions=changed,
    )
    with open_session(tables.site, timeout=60) as session:
        load(session, reader)
    folder = tmp_path_factory.mktemp("truth")
    with serving(tables, 18_396, folder) as service:
        yield service


def served(api: Service, path: str, unit: Unit) -> Cells:
    """Place and month to what the API says."""
    answer = api.get(f"{path}&formato=csv")
    assert answer.status_code == 200, answer.text
    return {(r["codigo"], r["mes"]): r[unit.value] for r in csv.DictReader(io.StringIO(answer.text))}


@pytest.mark.parametrize("crime", sampled_crimes())
@pytest.mark.parametrize("nivel", ["municipio", "estado"])
def test_every_cell_of_the_vde_is_that_of_the_file(truth: Service, nivel: str, crime: str) -> None:
    (unit,) = {c.unit for c in VDE_EVENTS.values() if c.slug == crime}
    expected = vde_file(VDE_2024).get((nivel, crime))
    if expected is None:
        assert truth.get(f"/ocorrencias?tipo_crime={crime}&ano=2024&nivel={nivel}").status_code == 422
        return
    found = served(truth, f"/ocorrencias?tipo_crime={crime}&ano=2024&nivel={nivel}", unit)
    assert len(expected) >= 27 * 12
    assert found == expected


@pytest.mark.parametrize(
    ("path", "past"), [(UF_2023_09, ""), (UF_2023_04, "&em=2023-04-14"), (UF_2023_09, "&em=2023-09-21")]
)
def test_every_cell_of_a_uf_workbook_is_that_of_the_file_on_its_day(truth: Service, path: Path, past: str) -> None:
    """`em=` with the date of the first workbook gives the first workbook's numbers."""
    cells = 0
    for (crime, year, unit), expected in uf_file(path).items():
        found = served(truth, f"/ocorrencias?fonte={UF}&tipo_crime={crime}&ano={year}{past}", unit)
        assert {at: found[at] for at in expected} == expected, (crime, year, unit)
        cells += len(expected)
    assert cells > 20_000


def test_before_the_first_workbook_nothing_was_known(truth: Service) -> None:
    path = f"/ocorrencias?fonte={UF}&tipo_crime=homicidio_doloso&ano=2021"
    assert served(truth, f"{path}&em=2023-04-13", Unit.VITIMAS) == {}


def test_what_the_second_workbook_changed_is_listed(truth: Service) -> None:
    rows: list[dict[str, Any]] = truth.data(f"/revisoes?fonte={UF}&versao=1&uf=BA&limite=5000")
    assert {(r["uf"], r["mes"][:4]) for r in rows} == {("BA", "2021")}
    assert len(rows) == len([r for r in revisions() if r.uf == "BA"]) > 30
