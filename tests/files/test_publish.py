"""What is published, and what is not, from small sources."""

from pathlib import Path

import pytest

from sinesp.domain.contract import Destination
from sinesp.domain.record_id import record_id
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.model.publishing import Problem
from sinesp.publication.model.sources import SourceKind
from tests.unit.publishing import (
    one_row_per_state,
    run,
    vde_file,
    vde_row,
    write_uf,
)


@pytest.fixture
def versions(tmp_path: Path) -> VersionStore:
    return VersionStore((tmp_path / "state").as_uri())


def test_a_uf_record_carries_occurrences_and_victims_summed_over_sex(tmp_path: Path, versions: VersionStore) -> None:
    crime = ("Bahia", "Homicídio doloso", 2021, "março")
    folder = write_uf(
        tmp_path / "uf", [(*crime, 300)], [(*crime, "Feminino", 20), (*crime, "Masculino", 290), (*crime, "Sexo NI", 0)]
    )
    _, producer = run(folder, versions)
    record = next(r for r in producer.records if r["uf"] == "BA" and r["tipo_crime"] == "homicidio_doloso")
    assert record["id"] == record_id(SourceKind.UF, "estado", "BA", "2021-03", "homicidio_doloso")
    assert (record["vitimas"], record["ocorrencias"], record["homicidio_doloso"]) == ("310", "300", "310")
    assert (record["ano"], record["mes"], record["mes_ano"]) == ("2021", "03", "03/2021")
    assert (record["uf_nome"], record["regiao"], record["granularidade"]) == ("Bahia", "Nordeste", "estado")
    assert record["data_extracao"] == "2026-01-02T03:04:05Z"
    assert [k for k, v in record.items() if v is None] == [
        "codigo_municipio", "municipio", "lesao_corp_morte", "latrocinio", "roubo_veiculo", "roubo_carga",
        "roubo_inst_financeira", "furto_veiculo", "estupro",
    ]  # fmt: skip


def test_each_level_goes_to_its_topic(tmp_path: Path, versions: VersionStore) -> None:
    rows = [vde_row("AC", "RIO BRANCO", "Homicídio doloso", total_vitima=1), *one_row_per_state()]
    report, producer = run(vde_file(tmp_path, *rows), versions)
    topic_of = {r["granularidade"]: t for (t, _, v), r in zip(producer.sent, producer.records, strict=True) if v}
    assert topic_of == {
        "municipio": Destination.MUNICIPIO.topic,
        "estado": Destination.ESTADO.topic,
        "brasil": Destination.GERAL.topic,
    }
    assert report.sent == len(producer.sent) == sum(report.sent_by_level.values())


def test_publishing_the_same_file_again_sends_nothing(tmp_path: Path, versions: VersionStore) -> None:
    path = vde_file(tmp_path, *one_row_per_state())
    run(path, versions)
    report, producer = run(path, versions)
    assert (report.sent, producer.sent, report.version) == (0, [], 1)


def test_only_the_changed_record_and_the_sums_it_moves_are_sent(tmp_path: Path, versions: VersionStore) -> None:
    run(vde_file(tmp_path, vde_row("SP", "SÃO PAULO", "Suicídio", total_vitima=5), *one_row_per_state()), versions)
    path = vde_file(tmp_path, vde_row("SP", "SÃO PAULO", "Suicídio", total_vitima=6), *one_row_per_state())
    report, producer = run(path, versions)
    assert (report.new, report.changed, report.vanished) == (0, 3, 0)
    assert {(r["granularidade"], r["vitimas"]) for r in producer.records} == {
        ("municipio", "6"),
        ("estado", "6"),
        ("brasil", "6"),
    }


def test_what_a_release_no_longer_has_is_deleted(tmp_path: Path, versions: VersionStore) -> None:
    run(vde_file(tmp_path, vde_row("SP", "SÃO PAULO", "Suicídio", total_vitima=5), *one_row_per_state()), versions)
    report, producer = run(vde_file(tmp_path, *one_row_per_state()), versions)
    ids = [("municipio", "3550308"), ("estado", "SP"), ("brasil", "BR")]
    assert sorted(producer.deleted) == sorted(
        record_id(SourceKind.VDE, g, p, "2024-01", "suicidio", "estadual") for g, p in ids
    )
    assert report.vanished == 3


def test_df_regions_are_summed_never_deduplicated(tmp_path: Path, versions: VersionStore) -> None:
    regions = [vde_row("DF", "BRASÍLIA", "Homicídio doloso", total_vitima=n) for n in (1, 1, 0, 0, 2)]
    report, producer = run(vde_file(tmp_path, *regions, *one_row_per_state()), versions)
    city = next(r for r in producer.records if r["codigo_municipio"] == "5300108")
    assert (city["vitimas"], city["municipio"], city["homicidio_doloso"]) == ("4", "Brasília", "4")
    assert Problem.REPETIDA_IGUAL not in report.read.problems


def test_blank_is_not_zero_and_a_sum_of_blanks_is_blank(tmp_path: Path, versions: VersionStore) -> None:
    event = "Suicídio"
    rows = [
        vde_row("AC", "RIO BRANCO", event), vde_row("AC", "BUJARI", event),
        vde_row("AM", "MANAUS", event, total_vitima=0), vde_row("AM", "COARI", event),
    ]  # fmt: skip
    _, producer = run(vde_file(tmp_path, *rows, *one_row_per_state()), versions)
    found = {
        (r["granularidade"], r["uf"], r["municipio"]): r["vitimas"]
        for r in producer.records
        if r["tipo_crime"] == "suicidio"
    }
    assert found["estado", "AC", None] is None
    assert found["municipio", "AC", "Bujari"] is None
    assert found["estado", "AM", None] == found["brasil", None, None] == "0"


def test_unlocated_victims_have_no_code_and_count_in_the_state(tmp_path: Path, versions: VersionStore) -> None:
    rows = [
        vde_row("RR", "NÃO INFORMADO", "Suicídio", total_vitima=2),
        vde_row("RR", "BOA VISTA", "Suicídio", total_vitima=3),
    ]
    _, producer = run(vde_file(tmp_path, *rows, *one_row_per_state()), versions)
    unlocated = next(r for r in producer.records if r["municipio"] == "NÃO INFORMADO")
    assert (unlocated["codigo_municipio"], unlocated["uf"], unlocated["vitimas"]) == (None, "RR", "2")
    assert (
        next(r for r in producer.records if r["granularidade"] == "estado" and r["tipo_crime"] == "suicidio")["vitimas"]
        == "5"
    )


def test_a_name_that_is_no_municipality_counts_in_the_state_and_is_reported(
    tmp_path: Path, versions: VersionStore
) -> None:
    rows = [vde_row("RJ", "CABO FRIO - ARRAIAL DO CABO", "Suicídio", total_vitima=2)]
    report, producer = run(vde_file(tmp_path, *rows, *one_row_per_state()), versions)
    found = {r["granularidade"]: r["vitimas"] for r in producer.records if r["tipo_crime"] == "suicidio"}
    assert found == {"estado": "2", "brasil": "2"}
    assert report.read.problems[Problem.MUNICIPIO_DESCONHECIDO] == 1
    assert (report.read.examples[0].sheet, report.read.examples[0].row) == ("vde.csv", 2)


def test_state_events_are_summed_over_agents_and_weapons(tmp_path: Path, versions: VersionStore) -> None:
    event = "Arma de Fogo Apreendida"
    rows = [vde_row("SP", "NÃO INFORMADO", event, arma=a, total=n) for a, n in (("Fuzil", 1), ("Pistola", 2))]
    _, producer = run(vde_file(tmp_path, *rows, *one_row_per_state()), versions)
    found = [
        (r["granularidade"], r["ocorrencias"], r["vitimas"])
        for r in producer.records
        if r["tipo_crime"] == "arma_fogo_apreendida"
    ]
    assert sorted(found, key=str) == [("brasil", "3", None), ("estado", "3", None)]


def test_federal_police_rows_have_no_place_and_are_never_summed_with_the_states(
    tmp_path: Path, versions: VersionStore
) -> None:
    event = "Roubo de carga"
    rows = [
        vde_row("SP", "NÃO INFORMADO", event, total=7),
        vde_row("", "NÃO INFORMADO", event, total=3, abrangencia="Polícia Federal"),
        vde_row("", "NÃO INFORMADO", event, total=4, abrangencia="Polícia Rodoviária Federal"),
    ]
    _, producer = run(vde_file(tmp_path, *rows, *one_row_per_state()), versions)
    found = sorted(
        (str(r["granularidade"]), r["ocorrencias"], r["roubo_carga"])
        for r in producer.records
        if r["tipo_crime"] == "roubo_carga"
    )
    assert found == [("brasil", "7", None), ("estado", "7", "7"), ("outro", "3", None), ("outro", "4", None)]


def test_weight_only_events_are_counted_and_not_published(tmp_path: Path, versions: VersionStore) -> None:
    rows = [vde_row("SP", "NÃO INFORMADO", "Apreensão de Cocaína", total_peso="10.154")]
    report, producer = run(vde_file(tmp_path, *rows, *one_row_per_state()), versions)
    assert report.read.problems == {Problem.SO_PESO: 1}
    assert not any("cocaina" in str(r["tipo_crime"]) for r in producer.records)


def test_rape_victims_fill_the_wide_column_in_the_vde(tmp_path: Path, versions: VersionStore) -> None:
    rows = [vde_row("SP", "NÃO INFORMADO", "Estupro", feminino=8, masculino=1, nao_informado=0, total_vitima=9)]
    _, producer = run(vde_file(tmp_path, *rows, *one_row_per_state()), versions)
    state = next(r for r in producer.records if r["tipo_crime"] == "estupro" and r["granularidade"] == "estado")
    assert (state["vitimas"], state["ocorrencias"], state["estupro"]) == ("9", None, "9")
