"""Errors as answers: problem+json (RFC 9457) for programs, a page for browsers, in Portuguese."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from starlette.responses import Response

TYPES: Final = "/api/v1/problemas#"
PROBLEM_JSON: Final = "application/problem+json"

TITLES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("cursor-invalido", "Pedido malformado"),
    404: ("nao-existe", "Não existe"),
    405: ("metodo", "Só GET e HEAD"),
    406: ("formato", "Formato não oferecido"),
    410: ("versao-removida", "Não existe mais"),
    413: ("corpo", "Pedidos não levam corpo"),
    414: ("endereco-longo", "Endereço longo demais"),
    422: ("parametros", "Parâmetros recusados"),
    429: ("limite", "Pedidos demais"),
    431: ("cabecalhos", "Cabeçalhos grandes demais"),
    500: ("interno", "Erro interno"),
    503: ("indisponivel", "Serviço indisponível"),
}
"""Slug of the type's URI and title, by status."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong with a request; `erros` names parameters."""

    status: int
    detail: str
    erros: Sequence[Mapping[str, Any]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self, instance: str) -> dict[str, Any]:
        """The members of RFC 9457."""
        slug, title = TITLES.get(self.status, ("erro", "Erro"))
        found: dict[str, Any] = {
            "type": TYPES + slug,
            "title": title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
        }
        return found | ({"erros": list(self.erros)} if self.erros else {})


def problem_response(problem: Problem, path: str, accept: str) -> Response:
    """The problem for whoever asked: `path` is the request's, without its query."""
    headers = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Encoding", **problem.headers}
    if _is_browser(accept):
        return Response(_page(problem, path), problem.status, headers, "text/html; charset=utf-8")
    body = orjson.dumps(problem.document(path))
    return Response(body, problem.status, headers, PROBLEM_JSON)


def _is_browser(accept: str) -> bool:
    return "text/html" in accept.lower()


def _page(problem: Problem, path: str) -> str:
    document = problem.document(path)
    items = "".join(
        f"<li><strong>{_text(e.get('parametro'))}</strong>: {_text(e.get('mensagem'))}</li>" for e in problem.erros
    )
    listed = f"<ul>{items}</ul>" if items else ""
    return (
        '<!doctype html><html lang="pt-BR"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{problem.status} {_text(document['title'])}</title></head><body><main>"
        f"<h1>{_text(document['title'])}</h1><p>{_text(problem.detail)}</p>{listed}"
        '<p><a href="/">Página inicial</a> · <a href="/api/v1/docs">Documentação da API</a></p></main></body></html>'
    )


def _text(value: object) -> str:
    return html.escape(str(value), quote=True)
