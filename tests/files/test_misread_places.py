"""A municipality under any spelling of its name is itself, and never another one."""

import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from sinesp.domain import territory
from sinesp.domain.text import normalise
from sinesp.domain.totals import is_total
from sinesp.publication.model.publishing import Problem
from tests.files.misread import control_rows, number, read_vde

PLACES = [(str(territory.municipality_uf(c)), n, c) for c, n in territory.municipality_names().items()]
RENAMED = [
    ("RN", "Campo Grande", "2401305"), ("RN", "Augusto Severo", "2401305"), ("RN", "Serra Caiada", "2410306"),
    ("RN", "Presidente Juscelino", "2410306"), ("RN", "Boa Saúde", "2405306"), ("RN", "Januário Cicco", "2405306"),
    ("PB", "Tacima", "2516409"), ("PB", "Campo de Santana", "2516409"), ("PB", "São Vicente do Seridó", "2515401"),
    ("PB", "Seridó", "2515401"), ("PB", "Joca Claudino", "2513653"), ("PB", "Santarém", "2513653"),
    ("PB", "São Domingos", "2513968"), ("PB", "São Domingos de Pombal", "2513968"),
    ("SP", "Embu das Artes", "3515004"), ("SP", "Embu", "3515004"), ("RJ", "Paraty", "3303807"),
    ("RJ", "Parati", "3303807"), ("RJ", "Trajano de Moraes", "3305901"), ("RJ", "Trajano de Morais", "3305901"),
    ("SP", "Moji Mirim", "3530805"), ("SP", "Mogi Mirim", "3530805"), ("SP", "Biritiba Mirim", "3506607"),
    ("SP", "Florínea", "3516101"), ("SC", "Grão-Pará", "4206108"), ("CE", "Ereré", "2304277"),
    ("CE", "Itapagé", "2306306"), ("CE", "Itapajé", "2306306"), ("MT", "Santo Antônio de Leverger", "5107800"),
    ("RS", "Westfalia", "4323770"), ("TO", "Tabocão", "1708254"), ("TO", "Fortaleza do Tabocão", "1708254"),
    ("TO", "São Valério da Natividade", "1720499"), ("RN", "Assu", "2400208"), ("RN", "Açu", "2400208"),
    ("RN", "Arez", "2401206"), ("RN", "Olho-d’Água do Borges", "2408409"), ("MG", "Brasópolis", "3108909"),
    ("MG", "Brazópolis", "3108909"), ("MG", "São Tomé das Letras", "3165206"), ("MG", "Gouvêa", "3127602"),
    ("MG", "Barão do Monte Alto", "3105509"), ("MG", "Passa Vinte", "3147808"), ("MG", "Dona Euzébia", "3122900"),
    ("SC", "Piçarras", "4212809"), ("SC", "Presidente Castelo Branco", "4213906"), ("SC", "Lauro Müller", "4209607"),
    ("SC", "São Lourenço d'Oeste", "4216909"), ("PA", "Santa Isabel do Pará", "1506500"),
    ("PA", "Santa Izabel do Pará", "1506500"), ("PA", "Eldorado dos Carajás", "1502954"),
    ("RO", "Espigão do Oeste", "1100098"), ("SP", "São Luís do Paraitinga", "3550001"), ("SP", "Xavantes", "3557204"),
    ("RN", "São Miguel de Touros", "2412559"), ("ES", "Atílio Vivácqua", "3200706"),
    ("MG", "Pingo d’Água", "3150539"), ("SE", "Amparo do São Francisco", "2800100"),
]  # fmt: skip
NEW = [
    ("PA", "Mojuí dos Campos", "1504752"), ("RS", "Pinto Bandeira", "4314548"), ("SC", "Balneário Rincão", "4220000"),
    ("SC", "Pescaria Brava", "4212650"), ("MS", "Paraíso das Águas", "5006275"),
    ("MT", "Boa Esperança do Norte", "5101837"),
]  # fmt: skip


@pytest.mark.parametrize(("uf", "name", "code"), RENAMED, ids=lambda v: v if len(v) > 2 else "")
def test_a_renamed_municipality_is_found_by_old_and_new_name(uf: str, name: str, code: str) -> None:
    assert territory.municipality_code(uf, name.upper()) == code


@pytest.mark.parametrize(("uf", "name", "code"), NEW, ids=lambda v: v if len(v) > 2 else "")
def test_a_municipality_founded_since_2013_is_known(uf: str, name: str, code: str) -> None:
    assert territory.municipality_code(uf, name) == code


APOSTROPHES = "'‘’ʼʹ′´`＇‛՚ꞌʻˈ"
HYPHENS = "-‐‑‒–—―−﹣－"


@pytest.mark.parametrize("mark", APOSTROPHES, ids=lambda m: f"U+{ord(m):04X}")
def test_every_apostrophe_of_unicode_is_one(mark: str) -> None:
    written = f"OLHO D{mark}ÁGUA DAS FLORES"
    assert territory.municipality_code("AL", written) == "2705705"
    assert territory.municipality_code("RS", f"Sant{mark}Ana do Livramento") == "4317103"


@pytest.mark.parametrize("mark", HYPHENS, ids=lambda m: f"U+{ord(m):04X}")
def test_every_hyphen_of_unicode_is_one(mark: str) -> None:
    assert territory.municipality_code("RS", f"Não{mark}Me{mark}Toque") == "4312658"


@pytest.mark.parametrize(
    "written",
    ["S\u00e3o\xa0Paulo", "S\u00e3o \u200bPaulo", "\ufeffSão Paulo", "Sa\u0303o Paulo", "Ｓão Ｐaulo",
     "São Pau\u00adlo", "SÃO\tPAULO "],
    ids=["no-break blank", "zero-width blank", "byte order mark", "decomposed", "full width", "soft hyphen", "tab"],
)  # fmt: skip
def test_what_cannot_be_seen_in_a_name_does_not_matter(written: str) -> None:
    assert territory.municipality_code("SP", written) == "3550308"


@pytest.mark.parametrize("written", ["Santos - SP", "SANTOS/SP", "Santos (SP)", "santos sp"])
def test_the_state_behind_a_name_does_not_matter(written: str) -> None:
    assert territory.municipality_code("SP", written) == "3548500"
    assert territory.municipality_code("RJ", written) is None


def test_no_two_municipalities_of_a_state_have_one_key() -> None:
    by_letters = Counter((uf, normalise(name)) for uf, name, _ in PLACES)
    by_spelling = Counter((uf, territory._place_key(name)) for uf, name, _ in PLACES)
    assert max(by_letters.values()) == max(by_spelling.values()) == 1
    assert len(by_spelling) == len(PLACES) == 5571


def test_no_other_name_is_the_name_of_another_municipality() -> None:
    assert [p for p in PLACES if territory.municipality_code(p[0], p[1]) != p[2]] == []
    decomposed = [p for p in PLACES if territory.municipality_code(p[0], unicodedata.normalize("NFD", p[1])) != p[2]]
    assert decomposed == []


def test_no_municipality_is_taken_for_a_total_or_an_aggregate() -> None:
    assert [n for _, n, _ in PLACES if is_total(n) or territory.is_aggregate(n) or territory.is_unlocated(n)] == []


@pytest.mark.parametrize(
    ("uf", "name", "code"), [RENAMED[0], RENAMED[20], NEW[5]], ids=lambda v: v if len(v) > 2 else ""
)
def test_its_record_is_the_same_under_either_name(tmp_path: Path, uf: str, name: str, code: str) -> None:
    row = {**control_rows()[0], "uf": uf, "municipio": name.upper(), "total_vitima": "5", "masculino": "5"}
    content = read_vde(tmp_path, [*control_rows(), row])
    assert number(content, "municipio", code) == "5"
    assert content.report.problems == {}


def test_both_names_of_a_municipality_in_one_month_are_one_place_and_conflict(tmp_path: Path) -> None:
    names = [("CAMPO GRANDE", "5"), ("AUGUSTO SEVERO", "6")]
    rows = [{**control_rows()[0], "uf": "RN", "municipio": n, "total_vitima": v, "masculino": v} for n, v in names]
    content = read_vde(tmp_path, [*control_rows(), *rows])
    assert number(content, "municipio", "2401305") == number(content, "estado", "RN") == "retido"
    assert content.report.problems == {Problem.REPETIDA_CONFLITANTE: 2}
