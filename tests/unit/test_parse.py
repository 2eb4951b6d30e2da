"""The columnar parser and the scalar one give the same fields and reasons, whatever stands beside a value."""

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinesp.domain.contract import FIELD_NAMES, MAX_RECORD_BYTES
from sinesp.microbatch.model.reasons import Reason
from sinesp.microbatch.model.record_value import parse_value
from sinesp.microbatch.transforms import parse
from sinesp.microbatch.transforms.parse import parse_values
from tests.unit.hostile import values
from tests.unit.kafka_rows import upsert


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(values, min_size=1, max_size=5))
def test_value_reads_the_same_alone_beside_others_and_one_by_one(raws: list[bytes]) -> None:
    for some in (raws, *([raw] for raw in raws)):
        table, structural = parse_values(pa.array(some, pa.binary()))

        found = [(row, structural.get(i, ())) for i, row in enumerate(table.to_pylist())]

        expected = [parse_value(raw) for raw in some]
        assert found == [(dict.fromkeys(FIELD_NAMES) | fields, reasons) for fields, reasons in expected]


def test_guilty_values_are_found_among_thousands_of_good_ones() -> None:
    raws = [upsert(str(i)) for i in range(3_000)]
    raws[0], raws[1_500], raws[2_999] = b"{", b'{"id": 1}', b"[]"

    table, structural = parse_values(pa.array(raws, pa.binary()))

    assert structural == {0: (Reason.JSON_INVALIDO,), 1_500: (Reason.TIPO_ERRADO,), 2_999: (Reason.JSON_NAO_OBJETO,)}
    assert [i for i, found in enumerate(table["id"].to_pylist()) if found != str(i)] == [0, 1_500, 2_999]


def test_good_values_never_reach_the_scalar_parser() -> None:
    """The fast path is taken: a whole chunk of good values is one call."""
    values = pa.array([upsert("a"), b"{}", '{"id":"é","novo":[1]}'.encode()], pa.binary())

    table = parse._parse_columnar(values, parse._joined(values))

    assert table is not None
    assert table["id"].to_pylist() == ["a", None, "é"]


def test_value_over_the_limit_is_not_parsed_at_all() -> None:
    large = upsert("a", municipio="x" * MAX_RECORD_BYTES)

    table, structural = parse_values(pa.array([large, upsert("b")], pa.binary()))

    assert structural == {0: (Reason.REGISTRO_GRANDE,)}
    assert table["id"].to_pylist() == [None, "b"]


def test_nothing_gives_an_empty_table_of_the_24_fields() -> None:
    table, structural = parse_values(pa.array([], pa.binary()))
    assert (table.num_rows, tuple(table.column_names), structural) == (0, FIELD_NAMES, {})


@given(st.lists(st.sampled_from([b"N", b"a", b"I", b"{", b"["]), max_size=12), st.sampled_from([b"NaN", b"aN", b"["]))
def test_a_sign_is_found_wherever_it_stands(letters: list[bytes], sign: bytes) -> None:
    text = b"".join(letters)
    assert parse._holds(np.frombuffer(text, np.uint8), sign) == (sign in text)
