"""Headers cross from Spark to Python as text and arrive as Kafka has them."""

import pyarrow as pa
import pytest

from sinesp.microbatch.adapters.spark_read import with_headers


def batch(*texts: str | None) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"value": pa.array([b"v"] * len(texts)), "headers": pa.array(texts, pa.string())})


@pytest.mark.parametrize("texts", [(None, None), (None, '[["origem","FF00"],["vazio",null]]')])
def test_headers_are_lists_of_key_and_bytes(texts: tuple[str | None, ...]) -> None:
    (found,) = with_headers([batch(*texts)])

    expected = [
        [{"key": "origem", "value": b"\xff\x00"}, {"key": "vazio", "value": None}] if t else None for t in texts
    ]
    assert [h or None for h in found["headers"].to_pylist()] == expected
    assert found["value"].to_pylist() == [b"v", b"v"]
    assert found.schema.field("headers").type == pa.list_(pa.struct([("key", pa.string()), ("value", pa.binary())]))
