"""The rules over field values: each accepts null, and says exactly what is wrong."""

import pytest

from sinesp.domain.contract import MAX_RECORD_BYTES
from sinesp.microbatch.model.reasons import Reason
from sinesp.microbatch.model.rules import (
    MAX_KEY_BYTES,
    check_identity,
    check_integer,
    check_municipio,
    check_period,
    check_uf,
)

R = Reason


@pytest.mark.parametrize("value", [None, "0", "7", "007", "9" * 18])
def test_non_negative_integer_or_null_is_accepted(value: str | None) -> None:
    assert check_integer(value) == ()


@pytest.mark.parametrize(
    "value", ["", " ", "-1", "+1", "1.0", "1,5", "1e3", "dois", "9" * 19, "١", "1\n", "\x00", "=1+1"]
)
def test_anything_else_is_no_number(value: str) -> None:
    assert check_integer(value) == (R.NUMERO_INVALIDO,)


@pytest.mark.parametrize(
    ("ano", "mes", "mes_ano", "reasons"),
    [
        (None, None, None, ()),
        ("2024", "1", "01/2024", ()),
        ("2024", "01", "1/2024", ()),
        ("2024", "12", None, ()),
        (None, None, "12/1999", ()),
        ("24", "1", None, (R.ANO_INVALIDO,)),
        ("1899", None, None, (R.ANO_INVALIDO,)),
        ("2100", None, None, (R.ANO_INVALIDO,)),
        ("2024", "0", None, (R.MES_INVALIDO,)),
        ("2024", "13", None, (R.MES_INVALIDO,)),
        ("2024", "janeiro", None, (R.MES_INVALIDO,)),
        ("2024", "1", "13/2024", (R.MES_ANO_INVALIDO,)),
        ("2024", "1", "2024-01", (R.MES_ANO_INVALIDO,)),
        ("2024", "1", "02/2024", (R.MES_ANO_CONTRADITORIO,)),
        ("2024", "1", "01/2023", (R.MES_ANO_CONTRADITORIO,)),
        ("24", "1", "01/2024", (R.ANO_INVALIDO,)),
        ("x", "y", "z", (R.ANO_INVALIDO, R.MES_INVALIDO, R.MES_ANO_INVALIDO)),
        ("x", "2", "01/2024", (R.ANO_INVALIDO, R.MES_ANO_CONTRADITORIO)),
    ],
)
def test_period_is_possible_and_agrees_with_itself(
    ano: str | None, mes: str | None, mes_ano: str | None, reasons: tuple[Reason, ...]
) -> None:
    assert check_period(ano, mes, mes_ano) == reasons


@pytest.mark.parametrize(
    ("uf", "nome", "reasons"),
    [
        (None, None, ()),
        ("SP", None, ()),
        (None, "Bahia", ()),
        ("SP", "SÃO PAULO", ()),
        ("sp", None, (R.UF_DESCONHECIDA,)),
        ("", None, (R.UF_DESCONHECIDA,)),
        ("XX", "Bahia", (R.UF_DESCONHECIDA,)),
        ("SP", "Guanabara", (R.UF_DESCONHECIDA,)),
        ("SP", "Bahia", (R.UF_NOME_CONTRADITORIO,)),
    ],
)
def test_state_is_known_and_its_name_is_its_own(uf: str | None, nome: str | None, reasons: tuple[Reason, ...]) -> None:
    assert check_uf(uf, nome) == reasons


@pytest.mark.parametrize(
    ("uf", "codigo", "reasons"),
    [
        ("SP", None, ()),
        ("SP", "3550308", ()),
        (None, "3550308", ()),
        ("RJ", "3550308", (R.MUNICIPIO_DE_OUTRA_UF,)),
        ("XX", "3550308", ()),
        ("SP", "3550300", (R.MUNICIPIO_DESCONHECIDO,)),
        ("SP", "355030", (R.MUNICIPIO_DESCONHECIDO,)),
        ("SP", "", (R.MUNICIPIO_DESCONHECIDO,)),
    ],
)
def test_municipality_is_known_and_of_that_state(
    uf: str | None, codigo: str | None, reasons: tuple[Reason, ...]
) -> None:
    assert check_municipio(uf, codigo) == reasons


@pytest.mark.parametrize(
    ("key", "record_id", "size", "reasons"),
    [
        (b"a", "a", 10, ()),
        ("é".encode(), "é", 10, ()),
        (b"x" * MAX_KEY_BYTES, "x" * MAX_KEY_BYTES, 10, ()),
        (b"x" * 65_536, "x" * 65_536, 10, (R.TEXTO_RECUSADO,)),
        (b"b", "a", 10, (R.CHAVE_DIFERENTE,)),
        (None, "a", 10, (R.CHAVE_DIFERENTE,)),
        (b"", "", 10, (R.ID_AUSENTE,)),
        (b"a", None, 10, (R.ID_AUSENTE,)),
        (b" \t", " \t", 10, (R.ID_AUSENTE,)),
        (b"a", "a", MAX_RECORD_BYTES + 1, (R.REGISTRO_GRANDE,)),
    ],
)
def test_identity_is_there_equals_the_key_and_fits(
    key: bytes | None, record_id: str | None, size: int, reasons: tuple[Reason, ...]
) -> None:
    assert check_identity(key, record_id, size) == reasons
