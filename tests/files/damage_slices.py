"""Small slices of official files, as tables that can be damaged and written down."""

import csv
import lzma
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.files.official import MUNICIPAL_AC, UF_CSV, VDE_2024

Rows = list[list[str]]


@dataclass(frozen=True)
class Table:
    """A delimited text: cells, and how they are written down."""

    name: str
    header: list[str]
    rows: Rows
    separator: str = ";"
    encoding: str = "utf-8-sig"
    line_end: str = "\r\n"
    blank_lines: int = 0
    cut: int = 0

    def column(self, name: str) -> int:
        """Position of a column."""
        return self.header.index(name)

    def to_bytes(self) -> bytes:
        """As it lies on disk; `cut` is the number of lines (the last one halved) that a broken download lost."""
        lines = [self.separator.join(row) for row in (self.header, *self.rows)]
        for n in range(self.blank_lines):
            lines.insert(1 + (n * 7919) % len(lines), "")
        if self.cut:
            last = lines[-self.cut]
            lines = [*lines[: -self.cut], last[: last.rindex(self.separator, 0, len(last) // 2 + 1)]]
            return self.line_end.join(lines).encode(self.encoding, errors="replace")
        return self.line_end.join([*lines, ""]).encode(self.encoding, errors="replace")


@dataclass(frozen=True)
class Slice:
    """A small source: its tables, and which columns mean what."""

    name: str
    tables: tuple[Table, ...]
    place: str
    state: str
    number: dict[str, str] = field(default_factory=dict)
    date: str = ""
    event: str = ""

    def write(self, folder: Path) -> Path:
        """Write every table into a folder; the folder."""
        for table in self.tables:
            (folder / table.name).write_bytes(table.to_bytes())
        return folder

    def number_of(self, table: Table, row: Sequence[str]) -> int:
        """Position of the column with a row's number."""
        by_event = self.number.get(row[table.column(self.event)] if self.event else "")
        return table.column(by_event or self.number[table.name])


@cache
def uf_slice() -> Slice:
    """27 states, two crimes, two months: 108 rows of occurrences and 162 of victims by sex."""
    tables = []
    for path, encoding in zip(UF_CSV, ("latin-1", "utf-8-sig"), strict=True):
        header, *rows = csv.reader(path.read_text(encoding=encoding).splitlines(), delimiter=";")
        year, month, crime = (header.index(name) for name in ("Ano", "Mês", "Tipo Crime"))
        kept = [
            r
            for r in rows
            if r[year] == "2021"
            and r[month] in {"janeiro", "fevereiro"}
            and r[crime] in {"Homicídio doloso", "Furto de veículo"}
        ]
        tables.append(Table(f"uf_{'vitimas' if 'Vítimas' in header else 'ocorrencias'}.csv", header, kept))
    return Slice(
        "uf",
        tuple(tables),
        place="UF",
        state="UF",
        event="Tipo Crime",
        number={"uf_ocorrencias.csv": "Ocorrências", "uf_vitimas.csv": "Vítimas"},
    )


@cache
def vde_slice() -> Slice:
    """27 states, two months: two events of places (two and none, Brasília with 33 rows) and one of states."""
    events = {"Homicídio doloso": "total_vitima", "Suicídio": "total_vitima", "Furto de veículo": "total"}
    with lzma.open(VDE_2024, "rt", encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    uf, place, event, date = (header.index(name) for name in ("uf", "municipio", "evento", "data_referencia"))
    chosen: dict[str, set[str]] = {}
    kept = []
    for row in rows:
        if row[event] not in events or row[date][:7] not in {"2024-01", "2024-02"}:
            continue
        places = chosen.setdefault(row[uf], set())
        if len(places) < 2 and row[place] != "NÃO INFORMADO":
            places.add(row[place])
        if row[place] in places or row[place] == "NÃO INFORMADO":
            kept.append(row)
    return Slice(
        "vde",
        (Table("vde.csv", header, kept, ","),),
        place="municipio",
        state="uf",
        date="data_referencia",
        event="evento",
        number={**events, "vde.csv": "total_vitima"},
    )


@cache
def municipal_slice() -> Slice:
    """A year of Acre's sheet."""
    text = MUNICIPAL_AC.read_text(encoding="utf-8-sig").splitlines()
    header, *rows = csv.reader(text, delimiter=";" if ";" in text[0] else ",")
    date = header.index("Mês/Ano")
    kept = [r for r in rows if r[date].endswith(("/18", "-18", "/2018"))]
    return Slice(
        "municipal",
        (Table("ac.csv", header, kept),),
        place="Município",
        state="Sigla UF",
        date="Mês/Ano",
        number={"ac.csv": "Vítimas"},
    )


SLICES: dict[str, Callable[[], Slice]] = {"uf": uf_slice, "vde": vde_slice, "municipal": municipal_slice}
