"""Bounds of a request, before anything is read of it."""

from typing import Any, Final

from sinesp_api.problems import Problem

LONGEST_TARGET: Final = 4_096
MOST_HEADER_BYTES: Final = 16_384
MOST_PARAMETERS: Final = 40
_ALLOW: Final = {"Allow": "GET, HEAD, OPTIONS"}


def out_of_bounds(scope: Any) -> Problem | None:
    """What is wrong with the request's form; None when nothing is."""
    if scope["method"] not in {"GET", "HEAD"}:
        return Problem(405, "Esta API só lê: use GET ou HEAD.", headers=_ALLOW)
    query = scope["query_string"]
    if len(scope.get("raw_path") or b"") + len(query) > LONGEST_TARGET:
        return Problem(414, f"O endereço passa de {LONGEST_TARGET} caracteres.")
    if query.count(b"&") >= MOST_PARAMETERS:
        return Problem(414, f"O endereço tem mais de {MOST_PARAMETERS} parâmetros.")
    return _headers(scope["headers"])


def _headers(headers: list[tuple[bytes, bytes]]) -> Problem | None:
    if sum(len(name) + len(value) for name, value in headers) > MOST_HEADER_BYTES:
        return Problem(431, f"Os cabeçalhos passam de {MOST_HEADER_BYTES} bytes.")
    said = dict(headers)
    if said.get(b"content-length", b"0") not in {b"0", b""} or b"transfer-encoding" in said:
        return Problem(413, "Pedidos de leitura não levam corpo.", headers={"Connection": "close"})
    return None
