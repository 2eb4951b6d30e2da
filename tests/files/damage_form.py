"""Damage to a table as a whole, its columns and its rows: what programs, exports and broken downloads do."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.files.damage_core import SPELLINGS, edited, inserted, kind, put, value_of, with_column
from tests.files.damage_slices import Slice, Table


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
    return with_column(table, random.randint(0, len(table.header)), name, values)


@kind()
def duplicated_column(source: Slice, table: Table, random: Random) -> Table:
    column = random.randrange(len(table.header))
    shift = random.randint(0, 1)
    values = [r[column] + ("1" if shift and r[column].isdigit() else "") for r in table.rows]
    name = table.header[column] if random.random() < 0.7 else table.header[column].upper()
    return with_column(table, random.randint(0, len(table.header)), name, values)


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
    spellings: tuple[Callable[[str], str], ...] = (
        *SPELLINGS,
        lambda t: f" {t} ",
        lambda t: t.replace(" ", "_"),
        lambda t: f'"{t}"',
        lambda t: t + ".",
        lambda t: t[:-1],
    )
    return replace(table, header=[random.choice(spellings)(h) if random.random() < 0.5 else h for h in table.header])


@kind()
def stray_quotes(source: Slice, table: Table, random: Random) -> Table:
    def edit(row: list[str]) -> list[str]:
        column = random.randrange(len(row))
        text, at = row[column], random.choice([0, 0, len(row[column]), random.randint(0, len(row[column]))])
        return put(row, column, f'{text[:at]}"{text[at:]}')

    return edited(table, random, 3, edit)


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
    return edited(table, random, 5, lambda row: row[: random.randint(1, len(row) - 1)])


@kind()
def overlong_lines(source: Slice, table: Table, random: Random) -> Table:
    return edited(table, random, 5, lambda row: [*row, *random.choice([[""], ["x"], ["", ""]])])


@kind(alone=False)
def broken_download(source: Slice, table: Table, random: Random) -> Table:
    return replace(table, cut=random.randint(1, len(table.rows) // 2))


@kind()
def total_rows(source: Slice, table: Table, random: Random) -> Table:
    word = random.choice(("TOTAL", "Total", "Total geral", "BRASIL", "Brasil", "Soma", "SUBTOTAL", "Total do estado"))
    model = list(random.choice(table.rows))
    number = source.number_of(table, model)
    total = sum(value_of(r[number]) for r in table.rows)
    rows = [put(put(model, number, str(total)), table.column(source.place), word)]
    if random.random() < 0.3:
        rows = [put(row, table.column(source.state), word) for row in rows]
    return inserted(table, rows, random)


@kind()
def repeated_header(source: Slice, table: Table, random: Random) -> Table:
    for _ in range(random.randint(1, 3)):
        table = inserted(table, [list(table.header)], random)
    return table


@kind()
def footnotes(source: Slice, table: Table, random: Random) -> Table:
    text = random.choice(("Fonte: MJSP/SENASP", "Nota: dados sujeitos a alteração", "(*) preliminar"))
    note = [""] * len(table.header)
    return inserted(table, [put(note, random.randrange(len(note)), text)], random)


@kind()
def pasted_block(source: Slice, table: Table, random: Random) -> Table:
    """A copy of some rows, as they are or with other values: an older table that was not cleared away."""
    start = random.randrange(len(table.rows))
    block = [list(r) for r in table.rows[start : start + random.randint(1, 60)]]
    if random.random() < 0.5:
        for n, row in enumerate(block):
            column = source.number_of(table, row)
            block[n] = put(row, column, str(value_of(row[column]) + random.randint(0, 3)))
    return inserted(table, block, random)


@kind()
def shuffled_rows(source: Slice, table: Table, random: Random) -> Table:
    rows = list(table.rows)
    random.shuffle(rows)
    return replace(table, rows=rows)
