"""Damage to what rows say: numbers, places, dates, events, and rows that are not there."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.files.damage_core import SPELLINGS, edited, kind, month_of, put, value_of
from tests.files.damage_slices import Slice, Table


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
    return edited(table, random, 4, lambda r: put(r, source.number_of(table, r), random.choice(errors)))


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
        return put(row, column, random.choice(forms)(str(value_of(row[column])))) if row[column] else row

    return edited(table, random, 30, edit)


@kind("vde", "municipal")
def date_formats(source: Slice, table: Table, random: Random) -> Table:
    """Another form in every row (or in some): day first, month first, serial, named, with a time."""
    column, form = table.column(source.date), random.choice(list(_DATE_FORMS))
    share = random.choice([1.0, 1.0, 0.5, 0.05])
    rows = []
    for row in table.rows:
        year, month = _year_and_month(row[column])
        text = _DATE_FORMS[form](year, month) if random.random() < share else row[column]
        rows.append(put(row, column, text))
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
    spellings: tuple[Callable[[str], str], ...] = (
        *SPELLINGS,
        lambda t: f"  {t} ",
        lambda t: t.replace(" ", "\u00a0"),
        lambda t: t.replace(" ", "-"),
        lambda t: t.replace("'", "’"),
        lambda t: t.replace("D'", "D´"),
        lambda t: t.replace(" ", " d'", 1),
        lambda t: t + "*",
        lambda t: t[1:],
    )
    column = table.column(source.place)
    return edited(table, random, 30, lambda r: put(r, column, random.choice(spellings)(r[column])))


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
    return edited(table, random, 5, lambda r: put(r, column, random.choice(forms)(r[column])))


@kind("vde")
def abrangencia_words(source: Slice, table: Table, random: Random) -> Table:
    column = table.column("abrangencia")
    words = ("ESTADUAL", " estadual ", "Estaduais", "Municipal", "Nacional", "", "Federal", "Estad", "UF", "1")
    word = random.choice(words)
    most = random.choice([5, len(table.rows)])
    return edited(table, random, most, lambda r: put(r, column, word))


@kind("vde", "uf")
def unknown_events(source: Slice, table: Table, random: Random) -> Table:
    column = table.column(source.event)
    words = ("Homicídio", "Homicídio doloso (tentativa)", "Furto", "", "Crime do futuro", "CVLI")
    word = random.choice(words)
    return edited(table, random, random.choice([3, 40]), lambda r: put(r, column, word))


@kind("vde", "uf")
def event_spelling(source: Slice, table: Table, random: Random) -> Table:
    column = table.column(source.event)
    spellings: tuple[Callable[[str], str], ...] = (
        *SPELLINGS,
        lambda t: f" {t}  ",
        lambda t: t + "*",
        lambda t: t.replace(" ", "_"),
        lambda t: t + " (1)",
    )
    spell = random.choice(spellings)
    return edited(table, random, random.choice([3, len(table.rows)]), lambda r: put(r, column, spell(r[column])))


@kind(alone=False, every_table=True)
def block_removed(source: Slice, table: Table, random: Random) -> Table:
    """A state's rows of one month in every table; in the municipal sheet a month."""
    months = sorted({month_of(source, table, r) for r in table.rows})
    state = random.choice(sorted({r[table.column(source.state)] for r in table.rows}))
    month = random.choice(months)
    gone = [r for r in table.rows if (r[table.column(source.state)], month_of(source, table, r)) == (state, month)]
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
        rows.append([str(10 * value_of(cell)) if n in tenfold and cell else cell for n, cell in enumerate(row)])
    return replace(table, rows=rows)


_SEXES = ("feminino", "masculino", "nao_informado")


@kind(alone=False)
def all_blank(source: Slice, table: Table, random: Random) -> Table:
    """Every number of the file blank, or zero."""
    value = random.choice(["", "0"])
    return replace(table, rows=[put(r, source.number_of(table, r), value) for r in table.rows])


def _large_states(source: Slice) -> list[str]:
    """States with at least three sums above zero: of fewer a slice of two months shows no middle factor."""
    sums: Counter[tuple[str, str, str, str]] = Counter()
    for table in source.tables:
        event = table.column(source.event or source.state)
        for row in table.rows:
            key = (row[table.column(source.state)], table.name, row[event], month_of(source, table, row))
            sums[key] += value_of(row[source.number_of(table, row)])
    states = Counter(key[0] for key, total in sums.items() if total > 0)
    return sorted(name for name, cells in states.items() if cells >= 3)
