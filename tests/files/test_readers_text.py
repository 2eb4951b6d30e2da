"""Delimited text: quotation marks, line ends, what stands above the header, separators at the end, encodings."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.readers.containers import SourceFile
from sinesp.publication.adapters.readers.tables import read_tables
from sinesp.publication.model.publishing import Problem
from tests.files.small_files import (
    Lines,
    assert_nothing_wrong,
    assert_same,
    control,
    country,
    publish_both,
    read,
    rows_with,
    vde_lines,
    vde_table,
    write_lines,
    write_text,
)

BOM = "\ufeff"


def joined(end: str) -> str:
    return "".join(line + end for line in vde_lines())


def quoted(line: str) -> str:
    return ",".join(f'"{field}"' for field in line.split(","))


def with_ends(*ends: str) -> str:
    return "".join(line + ends[n % len(ends)] for n, line in enumerate(vde_lines()))


SOUND: dict[str, Callable[[], str]] = {
    "line feeds": lambda: joined("\n"),
    "carriage returns alone": lambda: joined("\r"),
    "a carriage return too many": lambda: joined("\r\r\n"),
    "mixed line ends": lambda: with_ends("\r\n", "\n", "\r"),
    "no end of the last line": lambda: joined("\r\n").rstrip(),
    "blank lines above and between": lambda: "\r\n\r\n" + joined("\r\n \r\n"),
    "rows of separators only": lambda: joined("\r\n") + "," * 14 + "\r\n" + ",,\r\n",
    "a line that names the separator": lambda: "sep=;\r\n" + joined("\r\n").replace(",", ";"),
    "a title above the header": lambda: "Base do Sinesp, baixada em 02/10/2026\r\n\r\n" + joined("\r\n"),
    "a title with a quotation mark": lambda: 'Base do "Sinesp\r\n' + joined("\r\n"),
    "tabs": lambda: joined("\r\n").replace(",", "\t"),
    "pipes": lambda: joined("\r\n").replace(",", "|"),
    "everything quoted": lambda: "".join(quoted(line) + "\r\n" for line in vde_lines()),
    "blanks around what is quoted": lambda: joined("\r\n").replace("AC,RIO BRANCO,", 'AC, "RIO BRANCO",'),
    "a separator at the end of every line": lambda: joined(",\r\n"),
    "separators at the end of every row": lambda: joined(",,\r\n").replace(",,\r\n", "\r\n", 1),
    "separators at the end of the header": lambda: joined("\r\n").replace("\r\n", ",,\r\n", 1),
    "a header of two lines": lambda: joined("\r\n").replace("data_referencia", '"data\r\nreferencia"', 1),
}


@pytest.mark.parametrize("form", SOUND)
def test_a_text_that_says_the_same_gives_the_same_records(tmp_path: Path, form: str) -> None:
    content = read(write_text(tmp_path, SOUND[form]()))
    assert_same(content, control())
    assert content.report.problems == {}


@pytest.mark.parametrize(("above", "first"), [("", 2), ("\r\n\r\n", 4), ("Título\r\n", 3), ("sep=,\n", 3)], ids=repr)
def test_rows_have_the_numbers_of_their_lines(tmp_path: Path, above: str, first: int) -> None:
    (table,) = read_tables(SourceFile(write_text(tmp_path, above + joined("\r\n")))).tables.values()
    assert table["linha"].to_list() == list(range(first, first + len(vde_lines()) - 1))


Edit = Callable[[Lines], None]


def edit(line: int, old: str, new: str) -> Edit:
    """Change one line, numbered as a spreadsheet does."""

    def change(lines: Lines) -> None:
        assert old in lines[line - 1]
        lines[line - 1] = lines[line - 1].replace(old, new, 1)

    return change


DOUBTFUL: dict[str, tuple[list[Edit], list[int]]] = {
    "a quotation mark before a name": ([edit(2, "RIO BRANCO", '"RIO BRANCO')], [2]),
    "a quotation mark at the end of a line": ([edit(2, "Formulário 1", '"Formulário 1')], [2]),
    "a pair of quotation marks forty lines apart": (
        [edit(2, "RIO BRANCO", '"RIO BRANCO'), edit(42, "Estadual", 'Estadual"')],
        [2, 42],
    ),
    "a pair on two neighbouring lines": ([edit(2, ",AC"[1:], '"AC'), edit(3, "Estadual", 'Estadual"')], [2, 3]),
    "a pair around two fields": ([edit(2, "RIO BRANCO,Homicídio doloso", '"RIO BRANCO,Homicídio doloso"')], [2]),
    "digits after a closing quotation mark": ([edit(2, ",0,2,0,2,", ',0,2,0,"2"3,')], [2]),
    "a zero byte in a number": ([edit(2, ",0,2,0,2,", ",0,2,0,2\x00,")], [2]),
    "a zero byte beside a line with quotation marks": (
        [edit(2, ",0,2,0,2,", ",0,2,0,2\x00,"), edit(3, "AC", '"AC"')],
        [2],
    ),
    "a thousands separator that shifts a number": ([edit(2, ",0,2,0,2,", ",0,2,0,1,234,")], [2]),
    "a separator at the end of some rows": ([edit(2, "Formulário 1", "Formulário 1,")], [2]),
    "a line torn in two": ([edit(2, "Homicídio", "Homicídio\r")], [2, 3]),
    "a line cut off": ([edit(2, ",,,Estadual,Formulário 1", "")], [2]),
}


@pytest.mark.parametrize("case", DOUBTFUL)
def test_a_line_that_cannot_be_relied_on_is_reported_and_what_it_concerns_withheld(tmp_path: Path, case: str) -> None:
    edits, rows = DOUBTFUL[case]
    lines = vde_lines()
    for change in edits:
        change(lines)
    path = write_lines(tmp_path, lines)
    (table,) = read_tables(SourceFile(path)).tables.values()
    assert table.filter("truncada")["linha"].to_list() == rows
    content = read(path)
    assert_nothing_wrong(content, control())
    assert country(content, "homicidio_doloso") is None
    assert [row for _, row in rows_with(content, Problem.LINHA_TRUNCADA)] == rows


@pytest.mark.parametrize("case", ["a pair of quotation marks forty lines apart", "a quotation mark before a name"])
def test_lines_that_cannot_be_relied_on_delete_nothing(tmp_path: Path, case: str) -> None:
    lines = vde_lines()
    (tmp_path / "before").mkdir()
    before = write_lines(tmp_path / "before", lines)
    for change in DOUBTFUL[case][0]:
        change(lines)
    report, producer = publish_both(tmp_path, before, write_lines(tmp_path, lines))
    assert (report.vanished, producer.sent) == (0, [])


def encoded_twice(codec: str) -> bytes:
    return joined("\r\n").encode().decode(codec, errors="surrogateescape").encode("utf-8", errors="surrogateescape")


def halfway() -> bytes:
    lines = joined("\r\n").splitlines(keepends=True)
    return "".join(lines[:40]).encode() + "".join(lines[40:]).encode("cp1252")


ENCODED: dict[str, Callable[[], bytes]] = {
    "UTF-8 with a mark": lambda: joined("\r\n").encode("utf-8-sig"),
    "UTF-8 with a mark on every line": lambda: joined("\r\n" + BOM).encode("utf-8-sig"),
    "Windows-1252": lambda: joined("\r\n").encode("cp1252"),
    "UTF-8 that turns Windows-1252 halfway": halfway,
    "both in every other line": lambda: b"".join(
        line.encode(("utf-8", "cp1252")[n % 2]) + b"\n" for n, line in enumerate(vde_lines())
    ),
    "both in one line": lambda: joined("\r\n").encode().replace("Homicídio".encode(), "Homicídio".encode("cp1252")),
    "UTF-16 with a mark": lambda: joined("\r\n").encode("utf-16"),
    "UTF-16 LE without a mark": lambda: joined("\r\n").encode("utf-16-le"),
    "UTF-16 BE without a mark": lambda: joined("\r\n").encode("utf-16-be"),
    "UTF-16 BE with a mark": lambda: (BOM + joined("\r\n")).encode("utf-16-be"),
    "UTF-32": lambda: joined("\r\n").encode("utf-32"),
    "encoded twice by way of Latin-1": lambda: encoded_twice("latin-1"),
    "some lines encoded twice": lambda: (
        joined("\r\n").encode().replace("SÃO LUÍS".encode(), "SÃO LUÍS".encode().decode("latin-1").encode())
    ),
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_a_text_in_any_encoding_gives_the_same_records(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "BancoVDE_2024.csv"
    path.write_bytes(ENCODED[encoding]())
    assert_same(read(path), control())


def test_a_change_of_encoding_beyond_the_first_block_is_noticed(tmp_path: Path) -> None:
    header, *rows = vde_table()
    many = [",".join(header), *(",".join(row) for row in rows * 400)]
    path = tmp_path / "BancoVDE_2024.csv"
    path.write_bytes(b"\r\n".join([line.encode() for line in many] + [",".join(row).encode("cp1252") for row in rows]))
    (table,) = read_tables(SourceFile(path)).tables.values()
    assert path.stat().st_size > 2 * 1024 * 1024
    assert table["municipio"].unique().sort().to_list() == sorted({row[1] for row in rows})


def test_what_was_lost_when_it_was_encoded_twice_is_not_guessed(tmp_path: Path) -> None:
    lines = vde_lines()
    lines[1] = lines[1].replace("Homicídio", "HomicÃ\ufffddio")
    content = read(write_lines(tmp_path, lines))
    assert_nothing_wrong(content, control())
    assert country(content, "homicidio_doloso") is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (("\ufeff" + joined("\r\n")).encode("utf-16-le") + b"\x00\xd8\x00", "texto UTF-16 ilegível"),
        (b"\r\n \r\n", "não é um texto delimitado nem uma planilha"),
        (b"PNG\x00\x01\x02,\x00\r\n", "não é um texto delimitado nem uma planilha"),
        (b"\r\n<!DOCTYPE html><html>;;", "página HTML"),
    ],
    ids=["half a character", "blank", "no text", "a web page"],
)
def test_a_text_that_is_none_is_refused_in_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "BancoVDE_2024.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=rf"^BancoVDE_2024\.csv: .*{said}"):
        read(path)
