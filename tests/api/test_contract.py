"""The OpenAPI document is true: whatever is asked is never a 5xx, and every answer is one it names."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from sinesp_api.configuration import PREFIX
from sinesp_api.examples import EXAMPLES
from tests.unit.api_app import client_of, sample_app, write_bulk

PER_ROUTE = 60
SEED = 20_260_712
BULK = "sinesp-vde-homicidio_doloso-2024.csv"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ENDLESS = "/eventos"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with the bulk file of the examples."""
    folder: Path = tmp_path_factory.mktemp("state")
    write_bulk(folder, 1, BULK, b"a,b\n1,2\n")
    return folder.as_uri()


@pytest.fixture(scope="module")
def schema(state: str) -> schemathesis.BaseSchema:
    """The document of the API over the sample."""
    found = schemathesis.openapi.from_asgi("/api/v1/openapi.json", sample_app(state=state))
    found.config.checks.negative_data_rejection.expected_statuses = ["400", "404", "406", "413", "414", "422", "431"]
    return found


DOCUMENT = sample_app().inner.openapi()["paths"]
PATHS = sorted(path for path in DOCUMENT if not path.endswith(ENDLESS))


def _asked(schema: schemathesis.BaseSchema, path: str, mode: GenerationMode, *more: Any) -> set[int]:
    statuses = set()

    @seed(SEED)
    @settings(max_examples=PER_ROUTE, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(schema[path]["GET"].as_strategy(generation_mode=mode))
    def answers(case: schemathesis.Case[Any]) -> None:
        response = case.call()
        case.validate_response(response, checks=[*CHECKS, *more])
        statuses.add(response.status_code)

    answers()
    return statuses


@pytest.mark.parametrize("path", PATHS)
def test_what_the_document_lets_through_is_answered_as_it_says(schema: schemathesis.BaseSchema, path: str) -> None:
    assert _asked(schema, path, GenerationMode.POSITIVE) <= {200, 400, 404, 406, 410, 422}


@pytest.mark.parametrize("path", [path for path in PATHS if "parameters" in DOCUMENT[path]["get"]])
def test_what_the_document_forbids_is_refused_as_it_says(schema: schemathesis.BaseSchema, path: str) -> None:
    assert _asked(schema, path, GenerationMode.NEGATIVE, negative_data_rejection) & {404, 422}


@pytest.mark.parametrize(
    ("template", "example"),
    [(t, e) for t, listed in EXAMPLES.items() for e in listed if t != ENDLESS],
)
def test_body_of_an_example_is_as_the_document_says(
    schema: schemathesis.BaseSchema, state: str, template: str, example: str
) -> None:
    with client_of(sample_app(state=state)) as api:
        response = api.get(example)
    assert response.status_code == 200
    schema[PREFIX + template]["GET"].validate_response(response)
