"""What is withheld, and neither published nor deleted, of small sources."""

from pathlib import Path

import pytest

from sinesp.domain.errors import SourceError
from sinesp.domain.record_id import record_id
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.model.publishing import Problem
from sinesp.publication.model.sources import SourceKey, SourceKind
from sinesp.publication.view import publication_lines
from tests.unit.publishing import (
    MUNICIPAL,
    Row,
    one_row_per_state,
    run,
    vde_file,
    vde_row,
    write_csv,
    write_uf,
)


@pytest.fixture
def versions(tmp_path: Path) -> VersionStore:
    return VersionStore((tmp_path / "state").as_uri())


def test_a_repeated_row_with_equal_value_counts_once(tmp_path: Path, versions: VersionStore) -> None:
    rows = [vde_row("SP", "SANTOS", "Suicídio", total_vitima=2)] * 2
    report, producer = run(vde_file(tmp_path, *rows, *one_row_per_state()), versions)
    assert {r["vitimas"] for r in producer.records if r["tipo_crime"] == "suicidio"} == {"2"}
    assert report.read.problems[Problem.REPETIDA_IGUAL] == 1


@pytest.mark.parametrize("second", [3, None, "três", "-1", "2.5"])
def test_a_conflict_or_an_unreadable_value_withholds_the_record_and_its_sums(
    tmp_path: Path, versions: VersionStore, second: object
) -> None:
    good = vde_row("SP", "SANTOS", "Suicídio", total_vitima=2)
    other = vde_row("SP", "CAMPINAS", "Suicídio", total_vitima=1)
    run(vde_file(tmp_path, good, other, *one_row_per_state()), versions)
    bad = vde_row("SP", "SANTOS", "Suicídio", total_vitima=second)
    report, producer = run(vde_file(tmp_path, good, bad, other, *one_row_per_state()), versions)
    # Nothing is sent, and what was published stays: withheld is not vanished.
    assert (producer.sent, report.kept) == ([], 3)
    # The record itself, of which nothing is made, the sum of the state and the country's.
    assert report.read.withheld == 3
    again, producer = run(vde_file(tmp_path, good, other, *one_row_per_state()), versions)
    assert (again.sent, producer.sent) == (0, [])


SANTOS = vde_row("SP", "SANTOS", "Suicídio", total_vitima=2)
CAMPINAS = vde_row("SP", "CAMPINAS", "Suicídio", total_vitima=1)
FEDERAL = {"abrangencia": "Polícia Federal"}


@pytest.mark.parametrize(
    ("rows", "withheld"),
    [
        # The records of the rows themselves, of the state and of the country, whatever is left to make them of.
        ([vde_row("SP", "SANTOS", "Suicídio", total_vitima=3), SANTOS, CAMPINAS], 3),
        ([vde_row("SP", "SANTOS", "Suicídio", total_vitima=3), SANTOS], 3),
        ([vde_row("SP", "SANTOS", "Suicídio", total_vitima="três"), CAMPINAS], 3),
        ([vde_row("SP", "SANTOS", "Suicídio", total_vitima="três")], 3),
        ([vde_row("SP", "NÃO INFORMADO", "Suicídio", total_vitima=n, **FEDERAL) for n in (1, 2)], 1),
        ([vde_row("SP", "NÃO INFORMADO", "Suicídio", total_vitima="três", **FEDERAL)], 1),
        # A row whose key is not known in full is no record; neither is one that is said twice.
        ([vde_row("SP", "SANTOS", "Suicídio coletivo", total_vitima=1)], 0),
        ([SANTOS, SANTOS], 0),
    ],
)
def test_the_count_of_what_is_withheld_has_the_records_that_were_never_made(
    tmp_path: Path, versions: VersionStore, caplog: pytest.LogCaptureFixture, rows: list[Row], withheld: int
) -> None:
    """The same in report, log and on the command line."""
    caplog.set_level("INFO")
    report, _ = run(vde_file(tmp_path, *rows, *one_row_per_state()), versions)

    said = f"{report.read.rows} linhas lidas, {report.read.records} registros, {withheld} retidos"
    assert report.read.withheld == withheld
    assert said in caplog.text
    assert f"{said}." in publication_lines(report)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (vde_row("SP", "SANTOS", "Suicídio coletivo", total_vitima=1), Problem.CRIME_DESCONHECIDO),
        (vde_row("XX", "SANTOS", "Suicídio", total_vitima=1), Problem.UF_DESCONHECIDA),
        (vde_row("SP", "SANTOS", "Suicídio", mes="janeiro", total_vitima=1), Problem.MES_ILEGIVEL),
        (vde_row("SP", "SANTOS", "Suicídio", abrangencia=None, total_vitima=1), Problem.ABRANGENCIA_EM_BRANCO),
        (vde_row("SP", "SANTOZ", "Suicídio", total_vitima=1), Problem.MUNICIPIO_DESCONHECIDO),
    ],
)
def test_a_row_that_cannot_be_placed_deletes_nothing_it_may_have_been(
    tmp_path: Path, versions: VersionStore, row: Row, problem: Problem
) -> None:
    run(vde_file(tmp_path, vde_row("SP", "SANTOS", "Suicídio", total_vitima=2), *one_row_per_state()), versions)
    report, producer = run(vde_file(tmp_path, row, *one_row_per_state()), versions)
    assert producer.deleted == []
    assert report.read.problems[problem] == 1


def test_a_known_group_of_municipalities_keeps_no_vanished_municipality_alive(
    tmp_path: Path, versions: VersionStore
) -> None:
    group, city = (
        ("Cabo Frio - Arraial Do Cabo", "RJ", "SUDESTE", "mar/20", 5),
        ("Niterói", "RJ", "SUDESTE", "mar/20", 1),
    )
    run(write_csv(tmp_path / "rj.csv", MUNICIPAL[1:], [group, city]), versions)
    report, producer = run(write_csv(tmp_path / "rj.csv", MUNICIPAL[1:], [group]), versions)
    assert producer.deleted == [record_id(SourceKind.MUNICIPAL, "municipio", "3303302", "2020-03", "homicidio_doloso")]
    assert [(r["granularidade"], r["vitimas"]) for r in producer.records] == [("estado", "5")]
    assert report.read.problems[Problem.MUNICIPIO_DESCONHECIDO] == 1


def test_an_event_of_the_state_given_by_municipality_is_withheld(tmp_path: Path, versions: VersionStore) -> None:
    rows = [
        vde_row("SP", "SANTOS", "Estupro", total_vitima=1),
        vde_row("SP", "NÃO INFORMADO", "Estupro", total_vitima=9),
    ]
    report, producer = run(vde_file(tmp_path, *rows, *one_row_per_state()), versions)
    assert not any(r["tipo_crime"] == "estupro" for r in producer.records)
    assert report.read.problems[Problem.MUNICIPIO_INESPERADO] == 1


def test_a_row_of_another_year_never_replaces_that_year(tmp_path: Path, versions: VersionStore) -> None:
    rows = [vde_row("SP", "SANTOS", "Suicídio", mes="2023-12-01", total_vitima=1)]
    report, producer = run(vde_file(tmp_path, *rows, *one_row_per_state()), versions)
    assert report.source == SourceKey(SourceKind.VDE, 2024)
    assert {r["ano"] for r in producer.records} == {"2024"}
    assert report.read.problems[Problem.ANO_DE_OUTRO_ARQUIVO] == 1


def test_each_year_of_the_vde_is_a_version_of_its_own(tmp_path: Path, versions: VersionStore) -> None:
    run(vde_file(tmp_path, *one_row_per_state()), versions)
    report, producer = run(vde_file(tmp_path, *one_row_per_state("2023-05-01")), versions)
    assert report.source == SourceKey(SourceKind.VDE, 2023)
    assert producer.deleted == []


def test_a_file_with_several_years_is_refused(tmp_path: Path, versions: VersionStore) -> None:
    path = vde_file(tmp_path, *one_row_per_state(), *one_row_per_state("2023-05-01"))
    with pytest.raises(SourceError, match="2023, 2024"):
        run(path, versions)


def test_a_partial_municipal_file_deletes_no_other_state_and_makes_no_national_total(
    tmp_path: Path, versions: VersionStore
) -> None:
    acre = write_csv(tmp_path / "ac.csv", MUNICIPAL, [(1200138, "Bujari", "AC", "NORTE", "Jan-18", 1)])
    paulista = write_csv(
        tmp_path / "sp.csv", MUNICIPAL, [(3500105, "Adamantina", "SP", "SUDESTE", "jan/18", 0)], ";", "utf-8-sig"
    )
    run(acre, versions)
    report, producer = run(paulista, versions)
    assert (producer.deleted, report.kept) == ([], 2)
    assert {r["granularidade"] for r in producer.records} == {"municipio", "estado"}
    assert report.read.problems[Problem.UF_AUSENTE] == 26


@pytest.mark.parametrize("code", ["3550308", "9999999", "120013"])
def test_a_code_that_contradicts_state_or_name_is_withheld(tmp_path: Path, versions: VersionStore, code: str) -> None:
    rows = [(code, "Bujari", "AC", "NORTE", "Jan-18", 1), (1200203, "Cruzeiro Do Sul", "AC", "NORTE", "Feb-18", 8)]
    report, producer = run(write_csv(tmp_path / "ac.csv", MUNICIPAL, rows), versions)
    assert report.read.problems[Problem.CODIGO_DE_OUTRO_LUGAR] == 1
    assert {r["mes"] for r in producer.records} == {"02"}


def test_a_footnote_is_reported_and_changes_nothing(tmp_path: Path, versions: VersionStore) -> None:
    rows = [(1200138, "Bujari", "AC", "NORTE", "Jan-18", 1), (None, "Fonte: MJSP", None, None, None, None)]
    report, producer = run(write_csv(tmp_path / "ac.csv", MUNICIPAL, rows), versions)
    assert report.read.problems[Problem.LINHA_SEM_DADOS] == 1
    assert len(producer.records) == 2


def test_a_truncated_row_deletes_nothing(tmp_path: Path, versions: VersionStore) -> None:
    rows = [(1200138, "Bujari", "AC", "NORTE", "Jan-18", 1), (1200203, "Cruzeiro Do Sul", "AC", "NORTE", "Feb-18", 8)]
    run(write_csv(tmp_path / "ac.csv", MUNICIPAL, rows), versions)
    report, producer = run(write_csv(tmp_path / "ac.csv", MUNICIPAL, [rows[0], (1200203, "Cruzeiro")]), versions)
    assert (producer.sent, report.read.problems[Problem.LINHA_TRUNCADA]) == ([], 1)


def test_half_a_uf_source_is_refused(tmp_path: Path, versions: VersionStore) -> None:
    folder = write_uf(tmp_path / "uf", [], [])
    (folder / "vitimas.csv").unlink()
    with pytest.raises(SourceError, match="ocorrências e uma de vítimas"):
        run(folder, versions)
