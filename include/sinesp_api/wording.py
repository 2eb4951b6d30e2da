"""Validation errors in Portuguese: the parameter, what is wrong, what is allowed."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

_Words = Callable[[Mapping[str, Any]], str]

_SENTENCES: Mapping[str, _Words] = {
    "missing": lambda _: "parâmetro obrigatório",
    "extra_forbidden": lambda _: "parâmetro desconhecido",
    "int_parsing": lambda _: "deve ser um número inteiro",
    "int_from_float": lambda _: "deve ser um número inteiro",
    "int_parsing_size": lambda _: "número grande demais",
    "bool_parsing": lambda _: "deve ser true ou false",
    "greater_than_equal": lambda c: f"deve ser pelo menos {c.get('ge')}",
    "less_than_equal": lambda c: f"deve ser no máximo {c.get('le')}",
    "string_too_short": lambda c: f"deve ter pelo menos {c.get('min_length')} caracteres",
    "string_too_long": lambda c: f"deve ter no máximo {c.get('max_length')} caracteres",
    "string_pattern_mismatch": lambda c: f"não tem a forma esperada ({c.get('pattern')})",
    "enum": lambda c: f"deve ser um destes: {_listed(c)}",
    "literal_error": lambda c: f"deve ser um destes: {_listed(c)}",
}


def faults(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The errors of pydantic as members of `erros`."""
    return [_fault(e) for e in errors]


def _fault(error: Mapping[str, Any]) -> dict[str, Any]:
    words = _SENTENCES.get(str(error.get("type")), _invalid)
    name = ".".join(str(part) for part in tuple(error.get("loc", ()))[1:]) or "pedido"
    return {"parametro": name[:100], "mensagem": words(error.get("ctx") or {})}


def _invalid(_: Mapping[str, Any]) -> str:
    return "valor inválido"


def _listed(context: Mapping[str, Any]) -> str:
    return str(context.get("expected", "")).replace("'", "").replace(" or ", " ou ")
