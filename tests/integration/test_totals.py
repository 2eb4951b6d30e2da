"""The shipped official files, published and consumed: Cassandra's sums are those of the files, cell by cell.

The files' sums come by a way of their own.
"""

import csv
import lzma
from collections import defaultdict
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook

from sinesp.domain.contract import KEYSPACE, WIDE_COLUMNS, Destination
from sinesp.publication import fetch
from sinesp.publication.publish import PublishOptions
from sinesp_stack.settings import REPOSITORY
from sinesp_stack.stack import Stack
from tests.pipeline import Pipeline, batch_complaints

pytestmark = pytest.mark.timeout(600)

WORKBOOK = REPOSITORY / "data" / "uf" / "indicadoressegurancapublicauf_2023-09-18.xlsx"
VDE_2024 = REPOSITORY / "data" / "vde" / "BancoVDE_2024.csv.xz"
UF_RESOURCE, VDE_RESOURCE = "feeae05e-faba-406c-8a4a-512aec91a9d1", "e9d6cc2b-33f1-468d-ab09-9aa8303c2eba"

STATES = {
    "Acre": "AC", "Alagoas": "AL", "Amapá": "AP", "Amazonas": "AM", "Bahia": "BA", "Ceará": "CE",
    "Distrito Federal": "DF",
    "Espírito Santo": "ES", "Goiás": "GO", "Maranhão": "MA", "Mato Grosso": "MT", "Mato Grosso do Sul": "MS",
    "Minas Gerais": "MG",
    "Pará": "PA", "Paraíba": "PB", "Paraná": "PR", "Pernambuco": "PE", "Piauí": "PI", "Rio de Janeiro": "RJ",
    "Rio Grande do Norte": "RN",
    "Rio Grande do Sul": "RS", "Rondônia": "RO", "Roraima": "RR", "Santa Catarina": "SC", "São Paulo": "SP",
    "Sergipe": "SE",
    "Tocantins": "TO",
}  # fmt: skip
SLUGS = {
    "Estupro": "estupro",
    "Furto de veículo": "furto_veiculo",
    "Homicídio doloso": "homicidio_doloso",
    "Lesão corporal seguida de morte": "lesao_corp_morte",
    "Roubo a instituição financeira": "roubo_inst_financeira",
    "Roubo de carga": "roubo_carga",
    "Roubo de veículo": "roubo_veiculo",
    "Roubo seguido de morte (latrocínio)": "latrocinio",
    "Tentativa de homicídio": "tentativa_homicidio",
    "Feminicídio": "feminicidio",
    "Suicídio": "suicidio",
    "Tráfico de drogas": "trafico_drogas",
    "Mandado de prisão cumprido": "mandado_prisao_cumprido",
    "Estupro de vulnerável": "estupro_vulneravel",
}
"""Written out here, not imported: what is wrong in the product must not be wrong here too."""

Key = tuple[str, str, str, str]
Sums = dict[Key, int]
"""By resource, uf, year and slug; only what has a number."""


@pytest.fixture(scope="module")
def complaints_before(stack: Stack) -> list[str]:
    """Other tests give Cassandra reasons."""
    return batch_complaints(stack)


@pytest.fixture(scope="module")
def loaded(stack: Stack, tmp_path_factory: pytest.TempPathFactory, complaints_before: list[str]) -> Iterator[Pipeline]:
    """Both files through Kafka and Spark, once for the module."""
    pipeline = Pipeline(stack, tmp_path_factory.mktemp("totals"))
    pipeline.reset()
    for file in (WORKBOOK, VDE_2024):
        for paths in fetch.fetch_sources(pipeline.services.publication_ports, str(file)):
            for report in fetch.publish_files(pipeline.services.publication_ports, paths, PublishOptions()):
                assert report.vanished == report.changed == 0
    pipeline.run()
    yield pipeline
    pipeline.close()


@pytest.fixture(scope="module")
def stored(loaded: Pipeline) -> dict[str, dict[str, Sums]]:
    """Sums by destination and measure."""
    found: dict[str, dict[str, Sums]] = {d: defaultdict(lambda: defaultdict(int)) for d in Destination}
    for destination in Destination:
        columns = ", ".join(("resource_id", "granularidade", "uf", "ano", "tipo_crime", *_measures(destination)))
        for row in loaded.services.cassandra.execute_text(f"SELECT {columns} FROM {KEYSPACE}.{destination.table}"):
            if destination is Destination.GERAL and row["granularidade"] != "brasil":
                continue
            key = (row["resource_id"], row["uf"], row["ano"], row["tipo_crime"])
            for measure in _measures(destination):
                if row[measure] != "":
                    found[destination][measure][key] += int(row[measure])
    return found


def _measures(destination: Destination) -> tuple[str, ...]:
    return ("vitimas", "ocorrencias", *(() if destination is Destination.GERAL else WIDE_COLUMNS))


@pytest.fixture(scope="module")
def in_workbook() -> dict[str, Sums]:
    """Cell by cell from both sheets."""
    book = load_workbook(WORKBOOK, read_only=True)
    sums: dict[str, Sums] = {}
    for sheet, measure, column in (("Ocorrências", "ocorrencias", 4), ("Vítimas", "vitimas", 5)):
        sums[measure] = defaultdict(int)
        for row in book[sheet].iter_rows(min_row=2, values_only=True):
            if row[column] is not None:
                sums[measure][(UF_RESOURCE, STATES[str(row[0])], str(row[2]), SLUGS[str(row[1])])] += int(
                    str(row[column])
                )
    return sums


@pytest.fixture(scope="module")
def in_vde() -> dict[str, Sums]:
    """Line by line from the year's file."""
    sums: dict[str, Sums] = {"vitimas": defaultdict(int), "ocorrencias": defaultdict(int)}
    with lzma.open(VDE_2024, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            slug = SLUGS.get(row["evento"])
            for measure, column in (("vitimas", "total_vitima"), ("ocorrencias", "total")):
                if slug and row[column]:
                    sums[measure][(VDE_RESOURCE, row["uf"], row["data_referencia"][:4], slug)] += int(
                        float(row[column])
                    )
    return sums


def test_cassandra_with_its_own_thresholds_warns_of_no_batch(loaded: Pipeline, complaints_before: list[str]) -> None:
    assert batch_complaints(loaded.stack)[len(complaints_before) :] == []


@pytest.mark.parametrize("measure", ["vitimas", "ocorrencias"])
def test_states_of_the_uf_workbook(
    stored: dict[str, dict[str, Sums]], in_workbook: dict[str, Sums], measure: str
) -> None:
    ours = {k: n for k, n in stored["estado"][measure].items() if k[0] == UF_RESOURCE}
    assert len(in_workbook[measure]) > 600
    assert ours == in_workbook[measure]


@pytest.mark.parametrize("measure", ["vitimas", "ocorrencias"])
def test_states_of_the_vde(stored: dict[str, dict[str, Sums]], in_vde: dict[str, Sums], measure: str) -> None:
    ours = {k: n for k, n in stored["estado"][measure].items() if k[0] == VDE_RESOURCE and k[3] in SLUGS.values()}
    assert len(in_vde[measure]) > 100
    assert ours == in_vde[measure]


def test_municipalities_add_up_to_their_state(stored: dict[str, dict[str, Sums]]) -> None:
    for measure in ("vitimas", "ocorrencias"):
        municipal = stored["municipio"][measure]
        assert municipal
        assert municipal == {k: n for k, n in stored["estado"][measure].items() if k in municipal}


def test_country_is_the_sum_of_its_states(stored: dict[str, dict[str, Sums]]) -> None:
    for measure in ("vitimas", "ocorrencias"):
        expected: Sums = defaultdict(int)
        for (resource, _, year, slug), n in stored["estado"][measure].items():
            expected[(resource, "", year, slug)] += n
        assert stored["geral"][measure] == expected


@pytest.mark.parametrize("destination", ["estado", "municipio"])
def test_wide_columns_repeat_the_number_of_their_crime(stored: dict[str, dict[str, Sums]], destination: str) -> None:
    victims = {"homicidio_doloso", "lesao_corp_morte", "latrocinio"}
    for wide in WIDE_COLUMNS:
        sums = stored[destination][wide]
        measure = {
            k: "vitimas" if wide in victims or (wide, k[0]) == ("estupro", VDE_RESOURCE) else "ocorrencias"
            for k in sums
        }
        assert {k[3] for k in sums} <= {wide}
        assert sums == {k: stored[destination][measure[k]][k] for k in sums}
    assert stored["estado"]["homicidio_doloso"] == {
        k: n for k, n in stored["estado"]["vitimas"].items() if k[3] == "homicidio_doloso"
    }


def test_known_figures(stored: dict[str, dict[str, Sums]]) -> None:
    assert stored["estado"]["vitimas"][(VDE_RESOURCE, "DF", "2024", "homicidio_doloso")] == 207
    assert stored["geral"]["vitimas"][(VDE_RESOURCE, "", "2024", "homicidio_doloso")] == 35_157
    assert stored["geral"]["vitimas"][(UF_RESOURCE, "", "2022", "homicidio_doloso")] == 39_029


def test_blank_is_not_zero(loaded: Pipeline) -> None:
    """A municipality's blank month stays missing, and a month of zero is a zero."""
    with lzma.open(VDE_2024, "rt", encoding="utf-8", newline="") as file:
        cells = [r["total_vitima"] for r in csv.DictReader(file) if r["evento"] == "Feminicídio" and r["uf"] != "DF"]
    query = (
        f"SELECT uf, vitimas FROM {KEYSPACE}.tb_ocorrencias_municipio WHERE tipo_crime = 'feminicidio' ALLOW FILTERING"
    )
    rows = loaded.services.cassandra.execute_text(query)
    stored = [r["vitimas"] for r in rows if r["uf"] != "DF"]

    assert (stored.count(""), stored.count("0")) == (cells.count(""), sum(c in {"0", "0.0"} for c in cells))
    assert stored.count("") > 0


def test_publishing_and_consuming_again_changes_nothing(loaded: Pipeline) -> None:
    (paths,) = fetch.fetch_sources(loaded.services.publication_ports, str(WORKBOOK))
    (report,) = fetch.publish_files(loaded.services.publication_ports, paths, PublishOptions())
    assert (report.new, report.changed, report.vanished) == (0, 0, 0)
    assert loaded.run() == []
