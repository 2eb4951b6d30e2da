"""Small slices of official files, and the kinds of damage people do to such files: one strategy each, drawn by a seed.

A kind may be harmless (a reading must then be right) or harmful (right, withheld or refused); the oracle in
`test_damage` is the same for both. A kind with `alone=False` cannot be told from a true file by that file alone: only
the last version can.
"""

import csv
import lzma
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from random import Random

from hypothesis import strategies as st

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


# The slices -----------------------------------------------------------------------------------------------------------


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
    """27 states, up to five places each (Brasília with 33 rows), two events of places, one of states, two months."""
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
        if len(places) < 4 and row[place] != "NÃO INFORMADO":
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


# The kinds ------------------------------------------------------------------------------------------------------------

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


def _with_column(table: Table, position: int, name: str, values: Sequence[str]) -> Table:
    header = [*table.header[:position], name, *table.header[position:]]
    rows = [[*row[:position], value, *row[position:]] for row, value in zip(table.rows, values, strict=True)]
    return replace(table, header=header, rows=rows)


def _edited(table: Table, random: Random, most: int, edit: Callable[[list[str]], list[str]]) -> Table:
    """Some rows, at least one, edited."""
    chosen = set(random.sample(range(len(table.rows)), random.randint(1, min(most, len(table.rows)))))
    return replace(table, rows=[edit(list(row)) if n in chosen else row for n, row in enumerate(table.rows)])


def _set(row: list[str], position: int, value: str) -> list[str]:
    return [*row[:position], value, *row[position + 1 :]]


def _inserted(table: Table, rows: Rows, random: Random) -> Table:
    position = random.randint(0, len(table.rows))
    return replace(table, rows=[*table.rows[:position], *rows, *table.rows[position:]])


@kind()
def foreign_column(source: Slice, table: Table, random: Random) -> Table:
    names = (
        "Ano",
        "mes",
        "codigo",
        "Número",
        "id",
        "Observação",
        "linha",
        "truncada",
        "planilha",
        "valor",
        "lugar",
        "nivel",
        "motivo",
        "sigla",
        "parte",
        "dia",
        "uf_nome",
        "tipo_crime",
        "numero",
        "",
    )
    name = random.choice([n for n in names if n not in table.header])
    values = [random.choice(["", "7", "2019", "Acre", str(n)]) for n in range(len(table.rows))]
    return _with_column(table, random.randint(0, len(table.header)), name, values)


@kind()
def duplicated_column(source: Slice, table: Table, random: Random) -> Table:
    column = random.randrange(len(table.header))
    shift = random.randint(0, 1)
    values = [r[column] + ("1" if shift and r[column].isdigit() else "") for r in table.rows]
    name = table.header[column] if random.random() < 0.7 else table.header[column].upper()
    return _with_column(table, random.randint(0, len(table.header)), name, values)


@kind()
def reordered_columns(source: Slice, table: Table, random: Random) -> Table:
    order = list(range(len(table.header)))
    random.shuffle(order)
    return replace(table, header=[table.header[n] for n in order], rows=[[row[n] for n in order] for row in table.rows])


@kind()
def missing_column(source: Slice, table: Table, random: Random) -> Table:
    column = random.randrange(len(table.header))
    header = [h for n, h in enumerate(table.header) if n != column]
    return replace(table, header=header, rows=[[c for n, c in enumerate(r) if n != column] for r in table.rows])


@kind()
def header_spelling(source: Slice, table: Table, random: Random) -> Table:
    plain = str.maketrans("áâãéêíóôõúçÁÂÃÉÊÍÓÔÕÚÇ", "aaaeeiooouc" + "AAAEEIOOOUC")
    spellings: tuple[Callable[[str], str], ...] = (
        str.upper,
        str.lower,
        str.title,
        lambda t: t.translate(plain),
        lambda t: f" {t} ",
        lambda t: t.replace(" ", "_"),
        lambda t: f'"{t}"',
        lambda t: t.replace(" ", "  "),
        lambda t: t + ".",
        lambda t: t[:-1],
    )
    return replace(table, header=[random.choice(spellings)(h) if random.random() < 0.5 else h for h in table.header])


@kind()
def stray_quotes(source: Slice, table: Table, random: Random) -> Table:
    def edit(row: list[str]) -> list[str]:
        column = random.randrange(len(row))
        text, at = row[column], random.choice([0, 0, len(row[column]), random.randint(0, len(row[column]))])
        return _set(row, column, f'{text[:at]}"{text[at:]}')

    return _edited(table, random, 3, edit)


@kind()
def line_ends(source: Slice, table: Table, random: Random) -> Table:
    ends = ("\n", "\r\n", "\r", "\r\r\n", "\n\r", "\x0b\n", "\u2028")
    return replace(table, line_end=random.choice(ends), blank_lines=random.choice([0, 1, 5]))


@kind()
def encodings(source: Slice, table: Table, random: Random) -> Table:
    names = ("utf-8", "utf-8-sig", "latin-1", "cp1252", "cp850", "utf-16", "utf-16-le", "mac_roman", "ascii")
    return replace(table, encoding=random.choice(names))


@kind()
def separators(source: Slice, table: Table, random: Random) -> Table:
    return replace(table, separator=random.choice([",", ";", "\t", "|", ", ", " ; "]))


@kind()
def truncated_lines(source: Slice, table: Table, random: Random) -> Table:
    return _edited(table, random, 5, lambda row: row[: random.randint(1, len(row) - 1)])


@kind()
def overlong_lines(source: Slice, table: Table, random: Random) -> Table:
    return _edited(table, random, 5, lambda row: [*row, *random.choice([[""], ["x"], ["", ""]])])


@kind(alone=False)
def broken_download(source: Slice, table: Table, random: Random) -> Table:
    return replace(table, cut=random.randint(1, len(table.rows) // 2))


@kind()
def error_cells(source: Slice, table: Table, random: Random) -> Table:
    errors = (
        "#N/D",
        "#REF!",
        "#VALOR!",
        "#DIV/0!",
        "#NOME?",
        "-",
        "...",
        "x",
        "n/d",
        "NI",
        "-1",
        "1,5",
        "2.5",
        "1e3",
        "?",
    )
    return _edited(table, random, 4, lambda r: _set(r, source.number_of(table, r), random.choice(errors)))


@kind()
def number_formats(source: Slice, table: Table, random: Random) -> Table:
    forms: tuple[Callable[[str], str], ...] = (
        lambda t: t + ".0",
        lambda t: t + ",0",
        lambda t: f" {t} ",
        lambda t: f"{int(t):,}".replace(",", "."),
        lambda t: "0" + t,
        lambda t: "+" + t,
        lambda t: t + "\u00a0",
        lambda t: f"{t}.00",
        lambda t: f"'{t}",
    )

    def edit(row: list[str]) -> list[str]:
        column = source.number_of(table, row)
        return _set(row, column, random.choice(forms)(str(_value(row[column])))) if row[column] else row

    return _edited(table, random, 30, edit)


@kind()
def total_rows(source: Slice, table: Table, random: Random) -> Table:
    word = random.choice(("TOTAL", "Total", "Total geral", "BRASIL", "Brasil", "Soma", "SUBTOTAL", "Total do estado"))
    model = list(random.choice(table.rows))
    number = source.number_of(table, model)
    total = sum(_value(r[number]) for r in table.rows)
    rows = [_set(_set(model, number, str(total)), table.column(source.place), word)]
    if random.random() < 0.3:
        rows = [_set(row, table.column(source.state), word) for row in rows]
    return _inserted(table, rows, random)


@kind()
def repeated_header(source: Slice, table: Table, random: Random) -> Table:
    for _ in range(random.randint(1, 3)):
        table = _inserted(table, [list(table.header)], random)
    return table


@kind()
def footnotes(source: Slice, table: Table, random: Random) -> Table:
    text = random.choice(("Fonte: MJSP/SENASP", "Nota: dados sujeitos a alteração", "(*) preliminar"))
    note = [""] * len(table.header)
    return _inserted(table, [_set(note, random.randrange(len(note)), text)], random)


@kind()
def pasted_block(source: Slice, table: Table, random: Random) -> Table:
    """A copy of some rows, as they are or with other values: an older table that was not cleared away."""
    start = random.randrange(len(table.rows))
    block = [list(r) for r in table.rows[start : start + random.randint(1, 60)]]
    if random.random() < 0.5:
        for n, row in enumerate(block):
            column = source.number_of(table, row)
            block[n] = _set(row, column, str(_value(row[column]) + random.randint(0, 3)))
    return _inserted(table, block, random)


@kind()
def shuffled_rows(source: Slice, table: Table, random: Random) -> Table:
    rows = list(table.rows)
    random.shuffle(rows)
    return replace(table, rows=rows)


@kind("vde", "municipal")
def date_formats(source: Slice, table: Table, random: Random) -> Table:
    """Another form in every row (or in some): day first, month first, serial, named, with a time."""
    column, form = table.column(source.date), random.choice(list(_DATE_FORMS))
    share = random.choice([1.0, 1.0, 0.5, 0.05])
    rows = []
    for row in table.rows:
        year, month = _year_and_month(row[column])
        text = _DATE_FORMS[form](year, month) if random.random() < share else row[column]
        rows.append(_set(row, column, text))
    return replace(table, rows=rows)


_MONTHS = ("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez")
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_DATE_FORMS: dict[str, Callable[[int, int], str]] = {
    "day first": lambda y, m: f"01/{m:02d}/{y}",
    "month first": lambda y, m: f"{m:02d}/01/{y}",
    "month first, short": lambda y, m: f"{m}/1/{y}",
    "iso": lambda y, m: f"{y}-{m:02d}-01",
    "iso with time": lambda y, m: f"{y}-{m:02d}-01 00:00:00",
    "compact": lambda y, m: f"{y}{m:02d}01",
    "dotted": lambda y, m: f"01.{m:02d}.{y}",
    "dashed": lambda y, m: f"01-{m:02d}-{y}",
    "named": lambda y, m: f"{_MONTHS[m - 1]}/{y}",
    "named, two digits": lambda y, m: f"{_MONTHS[m - 1]}/{y % 100:02d}",
    "month and year": lambda y, m: f"{m:02d}/{y}",
    "year first": lambda y, m: f"{y}/{m:02d}/01",
    "two digits": lambda y, m: f"01/{m:02d}/{y % 100:02d}",
    "month alone": lambda y, m: _MONTHS[m - 1],
    "year alone": lambda y, m: str(y),
}


def _year_and_month(text: str) -> tuple[int, int]:
    if text[:4].isdigit():
        return int(text[:4]), int(text[5:7])
    name, year = text.replace("-", "/").lower().split("/")
    return 2000 + int(year) % 100, (_MONTHS if name in _MONTHS else _ENGLISH).index(name) + 1


@kind()
def place_spelling(source: Slice, table: Table, random: Random) -> Table:
    plain = str.maketrans("áâãéêíóôõúçÁÂÃÉÊÍÓÔÕÚÇ", "aaaeeiooouc" + "AAAEEIOOOUC")
    spellings: tuple[Callable[[str], str], ...] = (
        str.lower,
        str.upper,
        str.title,
        lambda t: t.translate(plain),
        lambda t: f"  {t} ",
        lambda t: t.replace(" ", "  "),
        lambda t: t.replace(" ", "\u00a0"),
        lambda t: t.replace(" ", "-"),
        lambda t: t.replace("'", "’"),
        lambda t: t.replace("D'", "D´"),
        lambda t: t.replace(" ", " d'", 1),
        lambda t: t + "*",
        lambda t: t[1:],
    )
    column = table.column(source.place)
    return _edited(table, random, 30, lambda r: _set(r, column, random.choice(spellings)(r[column])))


@kind("vde", "municipal")
def state_spelling(source: Slice, table: Table, random: Random) -> Table:
    column = table.column(source.state)
    forms: tuple[Callable[[str], str], ...] = (
        str.lower,
        str.title,
        lambda t: f" {t} ",
        " ".join,
        lambda t: t + ".",
        lambda t: "XX",
        lambda t: "",
        lambda t: t + "/" + t,
    )
    return _edited(table, random, 5, lambda r: _set(r, column, random.choice(forms)(r[column])))


@kind("vde")
def abrangencia_words(source: Slice, table: Table, random: Random) -> Table:
    column = table.column("abrangencia")
    words = ("ESTADUAL", " estadual ", "Estaduais", "Municipal", "Nacional", "", "Federal", "Estad", "UF", "1")
    word = random.choice(words)
    most = random.choice([5, len(table.rows)])
    return _edited(table, random, most, lambda r: _set(r, column, word))


@kind("vde", "uf")
def unknown_events(source: Slice, table: Table, random: Random) -> Table:
    column = table.column(source.event)
    words = ("Homicídio", "Homicídio doloso (tentativa)", "Furto", "", "Crime do futuro", "CVLI")
    word = random.choice(words)
    return _edited(table, random, random.choice([3, 40]), lambda r: _set(r, column, word))


@kind("vde", "uf")
def event_spelling(source: Slice, table: Table, random: Random) -> Table:
    column = table.column(source.event)
    spellings: tuple[Callable[[str], str], ...] = (
        str.upper,
        str.lower,
        str.title,
        lambda t: f" {t}  ",
        lambda t: t.replace(" ", "  "),
        lambda t: t + "*",
        lambda t: t.replace("í", "i"),
        lambda t: t.replace(" ", "_"),
        lambda t: t + " (1)",
    )
    spell = random.choice(spellings)
    return _edited(table, random, random.choice([3, len(table.rows)]), lambda r: _set(r, column, spell(r[column])))


@kind(alone=False, every_table=True)
def block_removed(source: Slice, table: Table, random: Random) -> Table:
    """A state's rows of one month in every table; in the municipal sheet a month."""
    months = sorted({_month(source, table, r) for r in table.rows})
    state = random.choice(sorted({r[table.column(source.state)] for r in table.rows}))
    month = random.choice(months)
    gone = [r for r in table.rows if (r[table.column(source.state)], _month(source, table, r)) == (state, month)]
    return replace(table, rows=[r for r in table.rows if r not in gone])


@kind("vde", "uf", alone=False)
def series_removed(source: Slice, table: Table, random: Random) -> Table:
    """A state's rows of one event, in one table."""
    state, event = table.column(source.state), table.column(source.event)
    model = random.choice(table.rows)
    return replace(table, rows=[r for r in table.rows if (r[state], r[event]) != (model[state], model[event])])


@kind("vde")
def part_of_a_block_removed(source: Slice, table: Table, random: Random) -> Table:
    """Some rows of a state, month and event kept by place, not all of them."""
    column = table.column(source.event)
    places = [n for n, r in enumerate(table.rows) if r[column] != "Furto de veículo"]
    start = random.choice(places)
    key = [table.column(c) for c in (source.state, source.event, source.date)]
    same = [n for n in places if all(table.rows[n][c] == table.rows[start][c] for c in key)]
    gone = set(random.sample(same, random.randint(1, len(same) - 1)))
    return replace(table, rows=[r for n, r in enumerate(table.rows) if n not in gone])


@kind(alone=False, every_table=True)
def times_ten(source: Slice, table: Table, random: Random) -> Table:
    """Every value of a state, or of the whole file, in every table."""
    chosen = random.choice([*_large_states(source), ""])
    state, rows = table.column(source.state), []
    for row in table.rows:
        numbers = {source.number_of(table, row), *(n for n, name in enumerate(table.header) if name in _SEXES)}
        tenfold = numbers if chosen in {"", row[state]} else set()
        rows.append([str(10 * _value(cell)) if n in tenfold and cell else cell for n, cell in enumerate(row)])
    return replace(table, rows=rows)


_SEXES = ("feminino", "masculino", "nao_informado")


@kind(alone=False)
def all_blank(source: Slice, table: Table, random: Random) -> Table:
    """Every number of the file blank, or zero."""
    value = random.choice(["", "0"])
    return replace(table, rows=[_set(r, source.number_of(table, r), value) for r in table.rows])


def _value(text: str) -> int:
    return int(float(text or 0))


def _month(source: Slice, table: Table, row: Sequence[str]) -> str:
    return row[table.column(source.date or "Mês")]


def _large_states(source: Slice) -> list[str]:
    """States with at least three sums above zero: of fewer a slice of two months shows no middle factor."""
    sums: Counter[tuple[str, str, str, str]] = Counter()
    for table in source.tables:
        event = table.column(source.event or source.state)
        for row in table.rows:
            key = (row[table.column(source.state)], table.name, row[event], _month(source, table, row))
            sums[key] += _value(row[source.number_of(table, row)])
    states = Counter(key[0] for key, total in sums.items() if total > 0)
    return sorted(name for name, cells in states.items() if cells >= 3)


def each_kind() -> Iterator[tuple[str, str]]:
    """Every kind with every slice it can be done to."""
    for chosen in KINDS.values():
        for source in chosen.slices:
            yield chosen.name, source
