"""An example of every route: in the OpenAPI document for people, and asked by the tests."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sinesp_api.configuration import PREFIX

_CRIME: Final = "tipo_crime=homicidio_doloso"

EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "/series": (
            f"/series?{_CRIME}&codigo=SP,RJ&janela=ano",
            f"/series?{_CRIME}&codigo=3550308&medida=taxa",
            f"/series?{_CRIME}&codigo=SP&janela=12m&inicio=2024-01&fim=2024-12",
        ),
        "/ocorrencias": (
            f"/ocorrencias?{_CRIME}&ano=2024&uf=SP&nivel=municipio",
            f"/ocorrencias?{_CRIME}&ano=2024&codigo=3550308",
        ),
        "/mapa": (
            f"/mapa?{_CRIME}&ano=2024",
            f"/mapa?{_CRIME}&ano=2024&medida=taxa&nivel=municipio&uf=SP",
        ),
        "/ranking": (
            f"/ranking?{_CRIME}&ano=2024",
            f"/ranking?{_CRIME}&ano=2024&nivel=municipio&medida=taxa&populacao_min=500000",
        ),
        "/cobertura": (f"/cobertura?{_CRIME}&ano=2024",),
        "/versoes": ("/versoes?limite=3",),
        "/versoes/{versao}": ("/versoes/1",),
        "/revisoes": ("/revisoes", "/revisoes?codigo=SP", "/revisoes?desde=2025-03-01&uf=SP"),
        "/arquivos/{versao}": ("/arquivos/1",),
        "/arquivos/{versao}/{nome}": ("/arquivos/1/sinesp-vde-homicidio_doloso-2024.csv",),
        "/ufs": ("/ufs",),
        "/municipios": ("/municipios?uf=SP&busca=sao%20paulo",),
        "/regioes": ("/regioes",),
        "/tipos-crime": ("/tipos-crime?fonte=sinesp-vde",),
        "/fontes": ("/fontes",),
        "/eventos": ("/eventos",),
        "/saude": ("/saude",),
        "/pronto": ("/pronto",),
    }
)
"""Paths below the prefix, by the route's template."""


def shown(template: str) -> str:
    """The examples of a route, as its description says them."""
    return "\n".join(f"* [`{PREFIX}{path}`]({PREFIX}{path})" for path in EXAMPLES[template.removeprefix(PREFIX)])
