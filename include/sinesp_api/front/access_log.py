"""One line of JSON per request: no secret, no full query, no full address."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from sinesp_api.front.clients import shortened

log = logging.getLogger("sinesp.acesso")

_SHOWN: Final = frozenset({
    "fonte", "nivel", "codigo", "tipo_crime", "unidade", "medida", "janela", "inicio", "fim", "em", "versao", "formato",
    "ano", "mes", "uf", "populacao_min", "limite", "ordem", "desde", "busca",
})  # fmt: skip
"""Parameters of ours whose value is written down. A cursor is not, nor is anything that might be somebody's key."""


@dataclass(frozen=True, slots=True)
class Done:
    """A request that was answered."""

    route: str
    status: int
    seconds: float
    sent: int
    client: str


def write(scope: Any, done: Done) -> None:
    """The line."""
    if not log.isEnabledFor(logging.INFO):
        return
    line = {
        "instante": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "metodo": str(scope["method"])[:10],
        "rota": done.route,
        "consulta": _query(scope["query_string"]),
        "status": done.status,
        "ms": round(done.seconds * 1000, 2),
        "bytes": done.sent,
        "cliente": shortened(done.client),
    }
    log.info("%s", orjson.dumps(line).decode())


def _query(raw: bytes) -> dict[str, str]:
    said = parse_qsl(raw[:2_000].decode("latin-1"), keep_blank_values=True)[:20]
    return {name if name in _SHOWN else "…": value[:80] if name in _SHOWN else "…" for name, value in said}
