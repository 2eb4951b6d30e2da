"""The five releases of the UF workbook and the CSV exports of one."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from sinesp.domain.crimes import UF_CRIMES
from sinesp.domain.territory import UFS
from sinesp.domain.text import normalise
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.model.months import parse_month_name
from sinesp.publication.model.publishing import Problem, PublishReport
from sinesp.publication.publish import publish, read_source
from tests.files.official import (
    UF_2020_03,
    UF_2021_10,
    UF_2023_04,
    UF_2023_09,
    UF_CSV,
    UF_STALE,
    at_level,
    content_of,
    sheet_rows,
    source_of,
)
from tests.unit.publishing import MemoryProducer

STATES = {name: uf for uf, name in UFS.items()}
Totals = dict[tuple[str, int, str], int]


def straight_totals(path: Path, sheet: str, measure: str) -> Totals:
    totals: Totals = {}
    for row in sheet_rows(path, sheet):
        key = (STATES[row["UF"]], row["Ano"], UF_CRIMES[normalise(row["Tipo Crime"])].slug)
        totals[key] = totals.get(key, 0) + row[measure]
    return totals


def published_totals(path: Path, measure: str) -> Totals:
    records = at_level(content_of(path), "estado").drop_nulls(measure)
    grouped = records.group_by("uf", "ano", "tipo_crime").agg(pl.col(measure).sum())
    return {(uf, ano, crime): total for uf, ano, crime, total in grouped.iter_rows()}


def send(path: Path, versions: VersionStore) -> tuple[PublishReport, MemoryProducer]:
    producer = MemoryProducer()
    return publish(source_of(path), producer, versions, now=datetime.now(UTC)), producer


@pytest.mark.parametrize("path", [UF_2020_03, UF_2021_10, UF_2023_04, UF_2023_09], ids=lambda p: p.stem[-10:])
def test_sums_by_state_year_and_crime_equal_those_of_the_file(path: Path) -> None:
    assert published_totals(path, "ocorrencias") == straight_totals(path, "Ocorrências", "Ocorrências")
    assert published_totals(path, "vitimas") == straight_totals(path, "Vítimas", "Vítimas")
    assert content_of(path).report.problems == {}


def test_the_country_is_the_sum_of_the_states_month_by_month() -> None:
    content = content_of(UF_2023_09)
    states = at_level(content, "estado").group_by("mes_ano", "tipo_crime").agg(pl.col("ocorrencias", "vitimas").sum())
    country = at_level(content, "brasil").select("mes_ano", "tipo_crime", "ocorrencias", pl.col("vitimas").fill_null(0))
    assert country.height == 9 * 96
    assert country.sort("mes_ano", "tipo_crime").equals(states.sort("mes_ano", "tipo_crime"))


@pytest.mark.parametrize(
    ("path", "labels"),
    [(UF_2020_03, {""}), (UF_2021_10, 5), (UF_2023_04, {"Feminino", "Masculino", "Sexo NI"})],
    ids=["no sex", "five labels", "three labels"],
)
def test_victims_are_summed_over_whatever_labels_of_sex_a_release_has(path: Path, labels: object) -> None:
    rows = [
        r
        for r in sheet_rows(path, "Vítimas")
        if (r["UF"], r["Tipo Crime"], r["Ano"]) == ("Bahia", "Homicídio doloso", 2019)
    ]
    found = {(r.get("Sexo da Vítima") or "") for r in sheet_rows(path, "Vítimas")}
    assert (len(found) if isinstance(labels, int) else found) == labels
    by_month: Counter[int | None] = Counter()
    for row in rows:
        by_month[parse_month_name(row["Mês"])] += row["Vítimas"]
    crime = (pl.col("uf") == "BA") & (pl.col("ano") == 2019) & (pl.col("tipo_crime") == "homicidio_doloso")
    assert dict(at_level(content_of(path), "estado").filter(crime).select("mes", "vitimas").iter_rows()) == dict(
        by_month
    )


def test_the_stale_tail_is_reported_row_by_row_and_its_conflicts_are_not_published() -> None:
    content = content_of(UF_STALE)
    assert content.report.problems == {
        Problem.REPETIDA_IGUAL: 3289,
        Problem.REPETIDA_CONFLITANTE: 2 * 14,
        Problem.CRIME_DESCONHECIDO: 2,
    }
    conflicts = content.problems.filter(pl.col("motivo") == Problem.REPETIDA_CONFLITANTE)
    assert conflicts["planilha"].unique().to_list() == ["Ocorrências"]
    assert conflicts.filter(pl.col("linha") == 9084)["valor"].item() == "SC | SC | estupro | 2020 | 3 |  | 179"
    held = {tuple(v.split(" | ")[i] for i in (0, 2, 3, 4)) for v in conflicts["valor"]}
    published = {
        (uf, crime, ano, str(int(mes)))
        for uf, crime, ano, mes in content.records.select("uf", "tipo_crime", "ano", "mes").rows()
    }
    assert (len(held), held & published) == (14, set())
    strays = content.problems.filter(pl.col("motivo") == Problem.CRIME_DESCONHECIDO)
    assert strays.select("planilha", "linha", "valor").rows() == [
        ("Vítimas", 222, "Alagoas | Resistência com Resultado Morte | 2020 | abril | 8"),
        ("Vítimas", 223, "Alagoas | Roubo com Resultado Morte | 2020 | abril | 1"),
    ]


def test_a_stale_tail_deletes_none_of_the_records_it_makes_doubtful(tmp_path: Path) -> None:
    versions = VersionStore(tmp_path.as_uri())
    send(UF_2020_03, versions)
    report, producer = send(UF_STALE, versions)
    gone = content_of(UF_2020_03).records.join(content_of(UF_STALE).records, on="id", how="anti")
    conflicts = content_of(UF_STALE).held.select(
        "tipo_crime", pl.col("ano").cast(pl.String), pl.col("mes").cast(pl.String).str.zfill(2)
    )
    doubtful = gone.filter(pl.col("granularidade") == "brasil").join(
        conflicts, on=["tipo_crime", "ano", "mes"], how="semi"
    )
    assert doubtful.height > 0
    assert set(producer.deleted).isdisjoint(doubtful["id"])
    assert report.kept + len(producer.deleted) == gone.height


def test_csv_exports_give_the_records_of_the_workbook(tmp_path: Path) -> None:
    for path in UF_CSV:
        (tmp_path / path.name).symlink_to(path)
    exports, workbook = read_source(source_of(tmp_path)), content_of(UF_2023_04)
    assert exports.records.sort("id").equals(workbook.records.sort("id"))
    assert exports.report.problems == {}


def test_only_the_62_values_revised_in_2023_09_and_the_totals_they_move_are_sent(tmp_path: Path) -> None:
    versions = VersionStore(tmp_path.as_uri())
    first, _ = send(UF_2023_04, versions)
    report, producer = send(UF_2023_09, versions)
    again, nothing = send(UF_2023_09, versions)

    assert (first.new, first.sent) == (23_024 + 864, 23_024 + 864)
    assert (report.new, report.changed, report.vanished, report.unchanged) == (0, 124, 0, first.new - 124)
    assert report.sent_by_level == {"estado": 62, "brasil": 62}
    states = [r for r in producer.records if r["granularidade"] == "estado"]
    assert {(r["uf"], r["ano"]) for r in states} == {("BA", "2021")}
    revised = sorted((str(r["mes"]), str(r["tipo_crime"])) for r in states)
    assert revised == sorted(
        (str(r["mes"]), str(r["tipo_crime"])) for r in producer.records if r["granularidade"] == "brasil"
    )
    assert (again.sent, nothing.sent, again.version) == (0, [], report.version)


def test_releases_come_in_the_order_they_were_saved() -> None:
    from sinesp.publication.adapters.source_files import sources_in

    shuffled = [UF_2023_09, UF_2020_03, UF_2023_04, UF_STALE, UF_2021_10]
    assert [s.files[0].path for s in sources_in(shuffled)] == [UF_2020_03, UF_STALE, UF_2021_10, UF_2023_04, UF_2023_09]
