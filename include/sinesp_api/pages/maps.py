"""The shapes the pages draw: states, the municipalities of a state, and 27 equal squares for who is small on a map."""

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

import orjson

# Column and row of each state's square: neighbours stay neighbours where eight columns allow it.
TILES = MappingProxyType({
    "RR": (2, 0), "AP": (4, 0),
    "AM": (1, 1), "PA": (3, 1), "MA": (4, 1), "CE": (5, 1), "RN": (6, 1),
    "AC": (0, 2), "RO": (1, 2), "TO": (3, 2), "PI": (4, 2), "PE": (5, 2), "PB": (6, 2),
    "MT": (2, 3), "GO": (3, 3), "BA": (4, 3), "SE": (5, 3), "AL": (6, 3),
    "MS": (2, 4), "DF": (3, 4), "MG": (4, 4), "ES": (5, 4),
    "PR": (2, 5), "SP": (3, 5), "RJ": (4, 5),
    "SC": (2, 6),
    "RS": (2, 7),
})  # fmt: skip


NEARER = MappingProxyType({"PE": "Fernando de Noronha está desenhado mais perto da costa do que fica."})
"""What must be said of a state's map."""


@dataclass(frozen=True, slots=True)
class Map:
    """SVG paths by IBGE code, in a box of `width` by `height`."""

    width: int
    height: int
    paths: dict[str, str]


@lru_cache(maxsize=28)
def shapes(code: str) -> Map:
    """The municipalities of a state by its two-digit code, or the states for `BR`.

    Raises:
        FileNotFoundError: there is no such map.
    """
    read = orjson.loads((resources.files("sinesp_api.pages") / "maps" / f"{code}.json").read_bytes())
    return Map(width=read["largura"], height=read["altura"], paths=read["formas"])
