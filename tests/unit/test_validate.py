"""The rules over columns find, row by row, what the rules over values find."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinesp.domain.contract import FIELD_NAMES
from sinesp.microbatch.model.reasons import Reason
from sinesp.microbatch.model.rules import RULES, check_identity
from sinesp.microbatch.transforms.arrow import VALUE_SCHEMA
from sinesp.microbatch.transforms.parse import Structural
from sinesp.microbatch.transforms.validate import find_reasons

R = Reason
_VALUES = st.sampled_from(
    [None, "", "\x00", "\x1f", "SP", "SP\x1f3550308", "XX", "Bahia", "São Paulo", "3550308", "2024",
     "2024\x1f01", "1", "13", "01/2024",
     "02/2023", "-1", "9" * 19]
)  # fmt: skip
_CHECKED = sorted({name for rule in RULES for name in rule.fields})
_RECORDS = st.fixed_dictionaries(
    {"id": st.sampled_from([None, "", " ", "\x1c", "a", "é"]), **dict.fromkeys(_CHECKED, _VALUES)}
)


def _found(records: list[dict[str, str | None]], keys: list[bytes | None]) -> dict[int, set[Reason]]:
    table = pa.Table.from_pylist([dict.fromkeys(FIELD_NAMES) | r for r in records], VALUE_SCHEMA)
    sizes = pa.array([100] * len(records), pa.int32())
    return {row: set(reasons) for row, reasons in find_reasons(pa.array(keys, pa.binary()), sizes, table, {}).items()}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_RECORDS, st.sampled_from([None, b"", b"a", "é".encode(), b"\xff"])), min_size=1, max_size=6))
def test_columns_and_values_are_judged_alike(rows: list[tuple[dict[str, str | None], bytes | None]]) -> None:
    records, keys = [list(column) for column in zip(*rows, strict=True)]

    expected = {}
    for row, (record, key) in enumerate(zip(records, keys, strict=True)):
        reasons = {reason for rule in RULES for reason in rule.check(*(record[name] for name in rule.fields))}
        expected[row] = reasons | set(check_identity(key, record["id"], 100))
    assert _found(records, keys) == {row: reasons for row, reasons in expected.items() if reasons}


def test_record_carries_all_its_reasons() -> None:
    bad: dict[str, str | None] = {
        "id": "a",
        "ano": "24",
        "mes": "13",
        "uf": "XX",
        "vitimas": "-1",
        "codigo_municipio": "1",
    }

    assert _found([bad], [b"b"]) == {
        0: {
            R.ANO_INVALIDO,
            R.MES_INVALIDO,
            R.UF_DESCONHECIDA,
            R.NUMERO_INVALIDO,
            R.MUNICIPIO_DESCONHECIDO,
            R.CHAVE_DIFERENTE,
        }
    }


@pytest.mark.parametrize("text", ["\x00", "\x1f", "1\x1f"])
def test_no_text_passes_for_a_missing_value(text: str) -> None:
    assert _found([{"id": "a", "vitimas": text}], [b"a"]) == {0: {R.NUMERO_INVALIDO}}
    assert _found([{"id": "a", "ano": text}], [b"a"]) == {0: {R.ANO_INVALIDO}}
    assert _found([{"id": "a", "uf": text}], [b"a"]) == {0: {R.UF_DESCONHECIDA}}


def test_whole_value_that_could_not_be_read_has_only_that_reason() -> None:
    table = pa.Table.from_pylist([dict.fromkeys(FIELD_NAMES)], VALUE_SCHEMA)
    structural: Structural = {0: (R.JSON_INVALIDO,)}
    assert find_reasons(pa.array([b"a"], pa.binary()), pa.array([1], pa.int32()), table, structural) == {
        0: [R.JSON_INVALIDO]
    }


@pytest.mark.parametrize("code", [c for c in range(0x3001) if chr(c).isspace()])
def test_id_of_any_white_space_is_absent(code: int) -> None:
    assert _found([{"id": chr(code)}], [chr(code).encode()]) == {0: {R.ID_AUSENTE}}
