"""Answers: a table, and what must be known to read it. Every format is made of the same rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Scalar = str | int | float | bool | None
Kind = Literal["texto", "inteiro", "decimal", "logico"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an answer; null is "sem dado", and another column says why."""

    nome: str
    tipo: Kind
    descricao: str


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows (tuples in their order)."""

    columns: tuple[Column, ...]
    rows: Sequence[tuple[Scalar, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(c.nome for c in self.columns)


@dataclass(frozen=True, slots=True)
class Meta:
    """What goes beside the numbers: where they are from, what they count, what to be careful of."""

    fonte: str | None
    versao: int
    atualizado_em: datetime
    unidade: str | None = None
    cobertura: Mapping[str, int] | None = None
    populacao_ano: Sequence[int] = ()
    avisos: Sequence[str] = ()
    em: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a use case answers. `next_key` is where the next page begins, None at the end."""

    table: Table
    meta: Meta
    next_key: tuple[str, ...] | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


def table(columns: Sequence[Column], rows: Iterable[tuple[Scalar, ...]]) -> Table:
    """A table of what is iterated over."""
    return Table(tuple(columns), list(rows))
