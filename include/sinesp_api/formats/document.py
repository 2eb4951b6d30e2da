"""An answer with what is said around its rows, before it becomes bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sinesp.query.model.answers import Answer, Meta
from sinesp.query.model.catalogue import LICENCE, PUBLISHER, SOURCES, Fonte


@dataclass(frozen=True, slots=True)
class Document:
    """`links` are paths of this API."""

    answer: Answer
    links: Mapping[str, str]
    nome: str
    """File name without extension."""
    site: str = ""
    """What a cited path begins with."""

    @property
    def meta(self) -> dict[str, Any]:
        """The member `meta`."""
        meta = self.answer.meta
        return {
            "fonte": _source(meta.fonte),
            "versao": meta.versao,
            "atualizado_em": _instant(meta.atualizado_em),
            "em": meta.em,
            "unidade": meta.unidade,
            "cobertura": meta.cobertura,
            "populacao_ano": list(meta.populacao_ano) or None,
            "avisos": list(meta.avisos),
            "como_citar": self._citation(meta),
            **self.answer.extra,
        }

    def _citation(self, meta: Meta) -> str:
        name = SOURCES[Fonte(meta.fonte)].nome if meta.fonte else "Sinesp, dados de segurança pública"
        day = f", como conhecido em {meta.em}" if meta.em else ""
        path = self.links.get("permanente")
        where = f"{self.site}{path}" if path else ""
        what = f"{PUBLISHER}. {name}. Versão {meta.versao}, de {_instant(meta.atualizado_em)[:10]}{day}"
        return f"{what}. {LICENCE}. {where}".strip()


def _source(fonte: str | None) -> dict[str, str] | None:
    if fonte is None:
        return None
    return {"id": fonte, "nome": SOURCES[Fonte(fonte)].nome, "publicador": PUBLISHER, "licenca": LICENCE}


def _instant(when: datetime) -> str:
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")
