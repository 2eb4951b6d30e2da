"""The places of Brazil."""

import pytest

from sinesp.domain import territory


def test_there_are_27_states_and_5571_municipalities() -> None:
    assert len(territory.UFS) == 27
    assert len(territory.municipality_names()) == 5571
    assert sum(len(territory.municipality_codes(uf)) for uf in territory.UFS) == 5571


@pytest.mark.parametrize(
    ("uf", "name", "code"),
    [
        ("BA", "MUQUÉM DO SÃO FRANCISCO", "2922250"), ("BA", "SANTA TEREZINHA", "2928505"),
        ("MG", "DONA EUZÉBIA", "3122900"),
        ("MG", "SÃO TOMÉ DAS LETRAS", "3165206"), ("PE", "SÃO CAITANO", "2613107"), ("RN", "CAMPO GRANDE", "2401305"),
        ("RN", "JANUÁRIO CICCO", "2405306"), ("SE", "AMPARO DO SÃO FRANCISCO", "2800100"),
        ("SP", "FLORÍNEA", "3516101"),
        ("TO", "TABOCÃO", "1708254"),
    ],
)  # fmt: skip
def test_the_ten_names_ibge_spells_otherwise_are_found(uf: str, name: str, code: str) -> None:
    assert territory.municipality_code(uf, name) == code


@pytest.mark.parametrize(
    "name", ["Olho D Água Das Flores", "Olho d'Água das Flores", "OLHO D'ÁGUA DAS FLORES", "olho dagua das flores"]
)
def test_a_lost_apostrophe_does_not_lose_the_place(name: str) -> None:
    assert territory.municipality_code("AL", name) == "2705705"


def test_homonyms_are_told_apart_by_state() -> None:
    assert territory.municipality_code("PB", "Bom Jesus") != territory.municipality_code("RN", "Bom Jesus")
    assert territory.municipality_code("AC", "Bom Jesus") is None


def test_every_municipality_is_found_by_its_own_name() -> None:
    for code, name in territory.municipality_names().items():
        uf = territory.municipality_uf(code)
        assert uf is not None
        assert territory.municipality_code(uf, name.upper()) == code


def test_groups_of_municipalities_are_no_municipality() -> None:
    assert territory.municipality_code("RJ", "Cabo Frio - Arraial Do Cabo") is None
    assert territory.is_grouping("RJ", "CABO FRIO - ARRAIAL DO CABO")
    assert not territory.is_unlocated("Cabo Frio - Arraial Do Cabo")
    assert not territory.is_grouping("RN", "Brejiho")
    assert all(territory.is_unlocated(n) for n in ("NÃO INFORMADO", "N/I", "Município Ignorado - Rs"))


def test_a_state_is_found_by_name_whatever_the_accents() -> None:
    assert territory.uf_of_name("são paulo") == territory.uf_of_name("SAO PAULO") == "SP"
    assert territory.uf_of_name("SP") is None


@pytest.mark.parametrize("text", ["1200401", "1200401.0", "12004", "530010805", "Rio Branco", "Acre", "SP"])
def test_a_place_or_its_code_is_told_from_a_note(text: str) -> None:
    assert territory.is_place(text)


@pytest.mark.parametrize(
    "text", ["Fonte: MJSP/SENASP", "2024", "12", "(*) preliminar", "Nota: Acre sem dados", "99001"]
)
def test_a_note_is_no_place(text: str) -> None:
    assert not territory.is_place(text)
