"""The OpenAPI document is true: what it lets through is never a 5xx, and every answer is one it names."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.unit.api_app import sample_app, write_bulk

PER_ROUTE = 60
SEED = 20_260_712


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> schemathesis.BaseSchema:
    """The document of the API over the sample."""
    folder: Path = tmp_path_factory.mktemp("state")
    write_bulk(folder, 2, "sinesp-vde-homicidio_doloso-2024.csv", b"a,b\n1,2\n")
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", sample_app(state=folder.as_uri()))


PATHS = sorted(p for p in sample_app().inner.openapi()["paths"] if not p.endswith("/eventos"))  # a stream has no end
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.mark.parametrize("path", PATHS)
def test_answers_are_those_the_document_names(schema: schemathesis.BaseSchema, path: str) -> None:
    statuses = set()

    @seed(SEED)
    @settings(max_examples=PER_ROUTE, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(schema[path]["GET"].as_strategy())
    def answers(case: schemathesis.Case[Any]) -> None:
        response = case.call()
        case.validate_response(response, checks=CHECKS)
        statuses.add(response.status_code)

    answers()
    assert statuses
