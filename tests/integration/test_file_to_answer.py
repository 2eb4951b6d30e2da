"""From the official file to the answer, nothing in between replaced: publish, Kafka, Spark, lake, refresh, API.

SINESP_TRUTH=all adds the VDE of 2024, and the years in SINESP_TRUTH_FOLDER (`BancoVDE_*.csv.xz`).
"""

import csv
import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from sinesp.domain.crimes import VDE_EVENTS, Unit
from sinesp.publication import fetch
from sinesp.publication.publish import PublishOptions
from sinesp.views.refresh import run_refresh
from sinesp_stack.stack import Stack
from tests.api.service import Service, serving
from tests.api.test_truth import served
from tests.files.official import MUNICIPAL_AC, UF_2023_04, UF_2023_09, VDE_2024
from tests.files.sums import Cells, uf_file, vde_file
from tests.pipeline import Pipeline

pytestmark = pytest.mark.timeout(3600 if os.environ.get("SINESP_TRUTH") == "all" else 600)

UF: Final = "sinesp-uf"
FIRST, SECOND = datetime(2023, 4, 14, 15, tzinfo=UTC), datetime(2023, 9, 18, 15, tzinfo=UTC)
MORE = sorted(Path(os.environ.get("SINESP_TRUTH_FOLDER", "/nowhere")).glob("BancoVDE_*.csv.xz"))
YEARS = [VDE_2024, *(p for p in MORE if "2024" not in p.name)] if os.environ.get("SINESP_TRUTH") == "all" else []
RELEASES = [(UF_2023_04, FIRST), (MUNICIPAL_AC, FIRST), (UF_2023_09, SECOND), *((path, SECOND) for path in YEARS)]


@pytest.fixture(scope="module")
def api(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The API over what refreshes wrote, one for each file."""
    folder = tmp_path_factory.mktemp("answers")
    pipeline = Pipeline(stack, folder)
    pipeline.reset()
    ports = pipeline.services.publication_ports
    for path, day in RELEASES:
        options = PublishOptions(accept_changes=True, extracted_at=day)
        for paths in fetch.fetch_sources(ports, str(path)):
            for report in fetch.publish_files(ports, paths, options):
                assert report.vanished == 0
        pipeline.run()
        assert run_refresh(pipeline.services.views_ports) is not None
    with serving(stack, 18_388, folder, SINESP_STATE_URL=pipeline.settings.state_url) as service:
        yield service
    pipeline.close()


@pytest.mark.parametrize(
    ("path", "past"),
    [(UF_2023_09, ""), (UF_2023_04, "&em=2023-04-14"), (UF_2023_04, "&em=2023-09-17"), (UF_2023_09, "&em=2023-09-18")],
)
def test_a_workbook_is_answered_on_its_day_and_until_the_next_one(api: Service, path: Path, past: str) -> None:
    cells = 0
    for (crime, year, unit), expected in uf_file(path).items():
        found = served(api, f"/ocorrencias?fonte={UF}&tipo_crime={crime}&ano={year}{past}", unit)
        # A month of the other unit alone is a row too, and blank in this one.
        assert {at: n for at, n in found.items() if n or at in expected} == expected, (crime, year, unit)
        cells += len(expected)
    assert cells > 20_000


def test_what_the_second_workbook_changed_is_what_the_two_files_differ_in(api: Service) -> None:
    before, after = uf_file(UF_2023_04), uf_file(UF_2023_09)
    differing = {
        (crime, *at): tuple(_both(files, crime, year, at) for files in (before, after))
        for crime, year in {key[:2] for key in before.keys() | after.keys()}
        for at in {at for files in (before, after) for unit in Unit for at in files.get((crime, year, unit), {})}
    }
    differing = {key: (old, new) for key, (old, new) in differing.items() if old != new}
    listed: dict[tuple[str, str, str], Any] = {}
    link = f"/api/v1/revisoes?fonte={UF}&desde=2023-09-18&limite=1000"
    while link:
        page = api.client.get(link).json()
        for row in page["dados"]:
            assert row["publicacao"].startswith(UF)
            listed[row["tipo_crime"], row["codigo"], row["mes"]] = tuple(
                tuple("" if row[f"{unit}_{when}"] is None else str(row[f"{unit}_{when}"]) for unit in _UNITS)
                for when in ("antes", "depois")
            )
        link = page["links"].get("proxima", "")
    of_states = {key: said for key, said in listed.items() if len(key[1]) == 2 and key[1] in _states(before)}
    assert of_states == differing
    assert len(differing) == 62


_UNITS = (Unit.VITIMAS.value, Unit.OCORRENCIAS.value)


def _both(files: dict[tuple[str, int, Unit], Cells], crime: str, year: int, at: tuple[str, str]) -> tuple[str, ...]:
    return tuple(files.get((crime, year, unit), {}).get(at, "") for unit in (Unit.VITIMAS, Unit.OCORRENCIAS))


def _states(files: dict[tuple[str, int, Unit], Cells]) -> set[str]:
    return {code for cells in files.values() for code, _ in cells}


def test_bulk_file_of_a_crime_and_year_is_what_the_rows_say(api: Service) -> None:
    versao = api.data("/versoes?limite=1")[0]["versao"]
    (file,) = [f for f in api.data(f"/arquivos/{versao}") if f["nome"] == f"{UF}-homicidio_doloso-2021.csv"]
    text = api.client.get(file["endereco"]).content.decode("utf-8-sig")
    rows = [r for r in csv.DictReader(io.StringIO(text)) if r["nivel"] == "estado"]
    found = {(r["codigo"], f"2021-{int(r['mes']):02d}"): r["valor"] for r in rows if r["medida"] == "vitimas"}
    assert found == uf_file(UF_2023_09)["homicidio_doloso", 2021, Unit.VITIMAS]


def test_a_municipal_workbook_is_answered_cell_by_cell(api: Service) -> None:
    from tests.views.test_truth import month_in

    with MUNICIPAL_AC.open(encoding="utf-8-sig", newline="") as file:
        expected = {(r["Cód_IBGE"], month_in(r["Mês/Ano"])): r["Vítimas"] for r in csv.DictReader(file)}
    found: Cells = {}
    for year in sorted({month[:4] for _, month in expected}):
        path = f"/ocorrencias?fonte=sinesp-municipio&tipo_crime=homicidio_doloso&nivel=municipio&ano={year}"
        found |= served(api, path, Unit.VITIMAS)
    assert found == expected


if YEARS:

    @pytest.mark.parametrize("path", YEARS, ids=lambda path: path.name)
    def test_every_cell_of_a_year_of_the_vde_is_that_of_the_file(api: Service, path: Path) -> None:
        year = path.name[9:13]
        units = {crime.slug: crime.unit for crime in VDE_EVENTS.values()}
        for (nivel, crime), expected in vde_file(path).items():
            asked = f"/ocorrencias?tipo_crime={crime}&ano={year}&nivel={nivel}"
            assert served(api, asked, units[crime]) == expected, (nivel, crime)
