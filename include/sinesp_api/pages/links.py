"""Addresses of the pages. The whole state of a page is in its address, so a link is the page's state, changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

API = "/api/v1"
PAGES: Mapping[str, str] = {
    "panorama": "Panorama",
    "lugar": "Lugar",
    "comparar": "Comparar",
    "o-que-mudou": "O que mudou",
    "cobertura": "Cobertura",
    "dados": "Dados",
}
"""Path to the title in the menu."""


def address(path: str, params: Mapping[str, object | None]) -> str:
    """Path and query; what is None or empty is left out, the rest keeps its order.

    >>> address("/lugar", {"codigo": "35", "versao": None, "tipo_crime": "estupro"})
    '/lugar?codigo=35&tipo_crime=estupro'
    """
    query = urlencode({name: str(value) for name, value in params.items() if value not in {None, ""}}, safe=",")
    return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class Here:
    """The address of the page being made: `params` hold every choice, the ones left to their default too."""

    page: str
    params: Mapping[str, object | None]

    def to(self, page: str | None = None, **changes: object | None) -> str:
        """The same state on this page or another one, with some of it changed; None takes a part away."""
        return address(f"/{page or self.page}", {**self.params, **changes})

    def keeping(self, page: str, *names: str, **changes: object | None) -> str:
        """Another page with only these parts of the state, and what is changed."""
        return address(f"/{page}", {name: self.params.get(name) for name in names} | changes)

    def as_file(self, suffix: str, **changes: object | None) -> str:
        """The same address as data (`csv`) or as a drawing (`svg`)."""
        return address(f"/{self.page}.{suffix}", {**self.params, **changes})
