"""The strict scalar parser: what a lenient one papers over becomes a reason."""

import json

import pytest

from sinesp.domain.contract import FIELD_NAMES
from sinesp.microbatch.model.reasons import Reason
from sinesp.microbatch.model.record_value import MAX_DEPTH, parse_value

R = Reason


@pytest.mark.parametrize(
    ("raw", "reasons"),
    [
        (b'{"id": "a"}', ()),
        (b' \n{"id": "a"}\r\n', ()),
        (b'{"id": "a", "novo": {"x": [1, 2]}}', ()),
        (b'{"id": "a", "novo": 1, "novo": 2}', ()),
        (b'{"id": "a", "vitimas": null}', ()),
        (b"", (R.JSON_INVALIDO,)),
        (b"{", (R.JSON_INVALIDO,)),
        (b'{"id": "a"} {"id": "b"}', (R.JSON_INVALIDO,)),
        (b'{"id": "a",}', (R.JSON_INVALIDO,)),
        (b"{'id': 'a'}", (R.JSON_INVALIDO,)),
        (b'{"id": "a\n"}', (R.JSON_INVALIDO,)),
        (b'{"novo": NaN}', (R.JSON_INVALIDO,)),
        (b'{"novo": -Infinity}', (R.JSON_INVALIDO,)),
        (b"\xef\xbb\xbf{}", (R.JSON_INVALIDO,)),
        (b"\xff{}", (R.UTF8_INVALIDO,)),
        (b'{"id": "\xed\xa0\x80"}', (R.UTF8_INVALIDO,)),
        (b"[]", (R.JSON_NAO_OBJETO,)),
        (b'"texto"', (R.JSON_NAO_OBJETO,)),
        (b"null", (R.JSON_NAO_OBJETO,)),
        (b'{"id": "a", "id": "a"}', (R.CAMPO_REPETIDO,)),
        (b'{"id": "a", "id": null}', (R.CAMPO_REPETIDO,)),
        (b'{"vitimas": 1}', (R.TIPO_ERRADO,)),
        (b'{"vitimas": true}', (R.TIPO_ERRADO,)),
        (b'{"uf": ["SP"]}', (R.TIPO_ERRADO,)),
        (b'{"uf": {}, "ano": 2024}', (R.TIPO_ERRADO,)),
        (b'{"municipio": "\\ud800"}', (R.TEXTO_RECUSADO,)),
        (b'{"id": "a", "id": 1, "municipio": "\\udfff"}', (R.CAMPO_REPETIDO, R.TIPO_ERRADO, R.TEXTO_RECUSADO)),
    ],
)
def test_each_fault_of_structure_has_its_reason(raw: bytes, reasons: tuple[Reason, ...]) -> None:
    assert parse_value(raw)[1] == reasons


def test_good_value_gives_the_24_fields_and_nothing_else() -> None:
    fields, reasons = parse_value(json.dumps({"id": "a", "vitimas": "0", "desconhecido": "x"}).encode())
    assert reasons == ()
    assert fields == dict.fromkeys(FIELD_NAMES) | {"id": "a", "vitimas": "0"}


def test_integer_of_thousands_of_digits_in_an_unknown_field_is_json() -> None:
    assert parse_value(b'{"id": "a", "novo": ' + b"9" * 10_000 + b"}")[1] == ()


@pytest.mark.parametrize("nested", [b"[%s]", b'{"x": %s}'])
def test_depth_is_bounded_whatever_pythons_own_limit(nested: bytes) -> None:
    def value(depth: int) -> bytes:
        inner = b"1"
        for _ in range(depth - 1):
            inner = nested % inner
        return b'{"id": "a", "novo": %s}' % inner

    assert parse_value(value(MAX_DEPTH))[1] == ()
    assert parse_value(value(MAX_DEPTH + 1))[1] == (R.JSON_INVALIDO,)
    assert parse_value(value(20_000))[1] == (R.JSON_INVALIDO,)


def test_brackets_inside_a_text_are_no_depth() -> None:
    text = "[{" * 500 + '"\\'
    fields, reasons = parse_value(json.dumps({"municipio": text}).encode())
    assert (fields["municipio"], reasons) == (text, ())
