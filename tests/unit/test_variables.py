"""The Variable's text: read back as written, and refused with a sentence when it is something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinesp.domain.errors import ConfigurationError
from sinesp.microbatch.model.variables import EXPECTED, TopicCheckpoint, parse_variable

OFFSETS = st.dictionaries(st.integers(0, 500), st.integers(0, 2**60), max_size=5)


@given(st.integers(0, 2**40), OFFSETS, st.text(max_size=20))
def test_what_is_written_is_read_back(version: int, offsets: dict[int, int], batch: str) -> None:
    checkpoint = TopicCheckpoint(version, offsets, batch)
    assert parse_variable("t", checkpoint.as_json()) == checkpoint


def test_the_expected_shape_in_the_message_is_a_valid_one() -> None:
    assert parse_variable("t", EXPECTED).offsets == {0: 1234, 1: 1200}


def test_the_batch_may_be_left_out() -> None:
    assert parse_variable("t", '{"versao": 1, "offsets": {}}').batch == ""


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "[]", "41", '"x"', "{", '{"versao": 1}', '{"offsets": {}}', '{"versao": 1, "offsets": [1]}',
        '{"versao": "1", "offsets": {}}', '{"versao": true, "offsets": {}}', '{"versao": -1, "offsets": {}}',
        '{"versao": 1, "offsets": {"0": 1.0}}', '{"versao": 1, "offsets": {"0": -1}}',
        '{"versao": 1, "offsets": {"0": null}}',
        '{"versao": 1, "offsets": {"zero": 1}}', '{"versao": 1, "offsets": {"-1": 1}}',
        '{"versao": 1, "offsets": {"0": true}}',
    ],
)  # fmt: skip
def test_anything_else_is_named_with_what_was_found_and_expected(text: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse_variable("topico", text)
    message = str(raised.value)
    assert "sinesp_offsets_topico" in message
    assert repr(text) in message
    assert EXPECTED in message
