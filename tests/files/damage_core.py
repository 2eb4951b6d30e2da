"""The kinds of damage people do to official files: one strategy each, drawn by a seed.

A kind may be harmless (a reading must then be right) or harmful (right, withheld or refused); the oracle in
`test_damage` is the same for both. A kind with `alone=False` cannot be told from a true file by that file alone: only
the last version can.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from hypothesis import strategies as st

from tests.files.damage_slices import SLICES, Rows, Slice, Table

Damage = Callable[[Slice, Table, Random], Table]
"""Damages one table of a slice."""


@dataclass(frozen=True)
class Kind:
    """One kind of damage: what it does, to which slices, and whether the file alone can show it."""

    name: str
    damage: Damage
    slices: tuple[str, ...]
    alone: bool
    every_table: bool


KINDS: dict[str, Kind] = {}


def kind(*slices: str, alone: bool = True, every_table: bool = False) -> Callable[[Damage], Damage]:
    """Register a kind under its function's name."""

    def register(damage: Damage) -> Damage:
        name = damage.__name__.strip("_")
        KINDS[name] = Kind(name, damage, slices or tuple(SLICES), alone, every_table)
        return damage

    return register


def damaged(name: str, source: str) -> st.SearchStrategy[Slice]:
    """Slices damaged in one kind; the seed is what hypothesis reports and repeats."""
    return st.integers(0, 2**32 - 1).map(lambda seed: damage(name, source, seed))


def damage(name: str, source: str, seed: int) -> Slice:
    """One slice, damaged: the same for the same seed."""
    chosen, whole, random = KINDS[name], SLICES[source](), Random(seed)
    one = random.randrange(len(whole.tables))
    tables = (
        chosen.damage(whole, table, Random(seed)) if chosen.every_table or n == one else table
        for n, table in enumerate(whole.tables)
    )
    return replace(whole, tables=tuple(tables))


def with_column(table: Table, position: int, name: str, values: Sequence[str]) -> Table:
    header = [*table.header[:position], name, *table.header[position:]]
    rows = [[*row[:position], value, *row[position:]] for row, value in zip(table.rows, values, strict=True)]
    return replace(table, header=header, rows=rows)


def edited(table: Table, random: Random, most: int, edit: Callable[[list[str]], list[str]]) -> Table:
    """Some rows, at least one, edited."""
    chosen = set(random.sample(range(len(table.rows)), random.randint(1, min(most, len(table.rows)))))
    return replace(table, rows=[edit(list(row)) if n in chosen else row for n, row in enumerate(table.rows)])


def put(row: list[str], position: int, value: str) -> list[str]:
    return [*row[:position], value, *row[position + 1 :]]


def inserted(table: Table, rows: Rows, random: Random) -> Table:
    position = random.randint(0, len(table.rows))
    return replace(table, rows=[*table.rows[:position], *rows, *table.rows[position:]])


_PLAIN = str.maketrans("áâãéêíóôõúçÁÂÃÉÊÍÓÔÕÚÇ", "aaaeeiooouc" + "AAAEEIOOOUC")
SPELLINGS: tuple[Callable[[str], str], ...] = (
    str.upper,
    str.lower,
    str.title,
    lambda t: t.translate(_PLAIN),
    lambda t: t.replace(" ", "  "),
)
"""Of any name."""


def value_of(text: str) -> int:
    return int(float(text or 0))


def month_of(source: Slice, table: Table, row: Sequence[str]) -> str:
    return row[table.column(source.date or "Mês")]


def each_kind() -> Iterator[tuple[str, str]]:
    """Every kind with every slice it can be done to."""
    for chosen in KINDS.values():
        for source in chosen.slices:
            yield chosen.name, source
