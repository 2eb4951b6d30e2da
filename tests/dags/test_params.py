"""The kinds of Params: what the trigger form gets of each."""

from typing import Any

import pytest

from sinesp_airflow.params import Kind, choice, flag, form, integer, optional_choice, optional_integer, optional_text


@pytest.mark.parametrize(
    ("kind", "default", "schema"),
    [
        (flag("T"), False, {"type": "boolean"}),
        (flag("T", default=True), True, {"type": "boolean"}),
        (choice("T", "a", "b"), "a", {"type": "string", "enum": ["a", "b"]}),
        (optional_choice("T", "a", "b"), None, {"type": ["null", "string"], "enum": [None, "a", "b"]}),
        (integer("T", 3, maximum=9), 3, {"type": "integer", "minimum": 1, "maximum": 9}),
        (optional_integer("T", maximum=9), None, {"type": ["null", "integer"], "minimum": 1, "maximum": 9}),
        (optional_text("T"), None, {"type": ["null", "string"]}),
    ],
)
def test_a_kind_is_exactly_this_schema(kind: Kind, default: object, schema: dict[str, Any]) -> None:
    param = form({"p": "Por quê"}, p=kind)["p"]

    assert (param.value, param.description, param.schema) == (default, "Por quê", {**schema, "title": "T"})


def test_a_param_without_a_description_is_an_error() -> None:
    with pytest.raises(KeyError, match="note"):
        form({}, note=optional_text("Nota"))
