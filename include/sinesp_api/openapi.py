"""The OpenAPI document, true to what is answered: problems instead of FastAPI's own errors."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from sinesp_api.documents import Problema
from sinesp_api.examples import shown

DESCRIPTION = """
Números de segurança pública do Sinesp por lugar, crime e mês, com o que mudou depois e quem informou.

* Sem chave. Só leitura (GET e HEAD). Cada endereço pode ser citado: `links.permanente` nunca muda.
* **Sem dado não é zero**: `situacao` diz `informado`, `zero`, `em_branco`, `ausente` ou `nao_se_aplica`.
* Fontes nunca são somadas entre si, nem níveis.
* Formatos: JSON, CSV, CSV para Excel, Parquet, Arrow, por `Accept` ou `formato=`.
"""


def install(app: FastAPI) -> None:
    """Have the application give out this document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes)
    schemas = found["components"]["schemas"]
    problem = Problema.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {}) | {"Problema": problem}
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path, operations in found["paths"].items():
        operations["get"]["description"] += f"\n\nExemplos:\n\n{shown(path)}"
    return found
