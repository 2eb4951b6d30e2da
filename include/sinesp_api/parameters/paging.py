"""Pages: how many rows, and where they begin."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

MOST_ROWS = 5_000

CursorParam = Annotated[
    str | None,
    Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=600, description="Onde a página começa: de links.proxima, sem mexer"),
]
LimiteParam = Annotated[
    int | None, Field(ge=1, le=MOST_ROWS, description="Linhas por página; de costume 500 em JSON e todas em arquivo")
]


@dataclass(frozen=True, slots=True)
class Page:
    """The version a page is of, and the last key before it (None: from the first)."""

    versao: int
    after: tuple[str, ...] | None = None
