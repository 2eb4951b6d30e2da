"""What must be known to read the figures: where a definition changed, which months still change, what is counted."""

from collections.abc import Mapping
from dataclasses import dataclass

from sinesp.query.model.catalogue import Fonte
from sinesp.query.model.months import shifted

PRELIMINARY_MONTHS = 3
"""The last months of a source still being published: states complete them in the releases that follow."""

OPEN = frozenset({Fonte.VDE})
"""Sources that are still being published."""


@dataclass(frozen=True, slots=True)
class Break:
    """From this month (AAAA-MM) on the numbers follow another definition than before."""

    mes: str
    curto: str
    texto: str


_PORTARIA = Break(
    "2019-01",
    "Portaria 229",
    "A Portaria MJSP 229, de 10/12/2018, padronizou as definições. Os números de antes não seguem esse padrão: a linha "
    "é interrompida e os dois lados não devem ser comparados como uma só série.",
)
BREAKS: Mapping[Fonte, tuple[Break, ...]] = {
    Fonte.VDE: (),
    Fonte.UF: (_PORTARIA,),
    Fonte.MUNICIPIO: (_PORTARIA,),
}

GLOSSARY: tuple[tuple[str, str], ...] = (
    ("Ocorrência", "um registro policial; pode ter várias vítimas, ou nenhuma."),
    ("Vítima", "uma pessoa registrada como vítima; uma ocorrência com três mortos conta três."),
    ("Taxa", "vítimas ou ocorrências por 100 mil habitantes; o ano da população usada está sempre ao lado."),
    ("Zero", "o estado informou que não houve nenhum caso."),
    ("Em branco", "há um registro do lugar e do mês, mas sem número: não se sabe."),
    ("Sem registro", "a fonte não tem linha alguma do lugar e do mês: também não se sabe."),
    ("Não se aplica", "a fonte nunca conta esse crime nessa unidade ou nesse nível."),
    ("Preliminar", "os três últimos meses publicados de uma fonte em aberto, que costumam mudar."),
)

CONTINUITY = (
    "As fontes não formam uma série contínua e nunca são somadas nem unidas em uma linha: em 2022 a planilha por UF "
    "tem 39.029 vítimas de homicídio doloso e o VDE, 38.709. Na planilha, estupro são ocorrências; no VDE, vítimas, "
    "com estupro de vulnerável à parte."
)


def preliminary_from(fonte: Fonte, last: str | None) -> str | None:
    """First month (AAAA-MM) that still changes; None for a closed source."""
    return shifted(last, 1 - PRELIMINARY_MONTHS) if last and fonte in OPEN else None
