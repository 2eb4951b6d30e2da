"""Files that are small on disk and huge once opened: read or refused in one sentence, in little memory."""

import gzip
import lzma
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.files.small_files import MAIN, VDE_CONTROL, uf_sheets, write_book

MEBIBYTE = 1024 * 1024
MOST_MEMORY = 1024
SHEET = "xl/worksheets/sheet1.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
SHARED_TEXTS = "xl/sharedStrings.xml"
NO_TEXTS = f'<sst xmlns="{MAIN}"></sst>'.encode()
TO_SHARED_TEXTS = (
    b'<Relationship Id="rId99" Target="sharedStrings.xml" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'relationships/sharedStrings"/></Relationships>'
)
HEADER = VDE_CONTROL.read_bytes().splitlines(keepends=True)[0]
READ = r"""
import re, sys
from pathlib import Path
from sinesp.publication.adapters.source_files import find_sources
from sinesp.domain.errors import SourceError
from sinesp.publication.publish import read_source
try:
    for source in find_sources(sys.argv[1]):
        print("lido", read_source(source).records.height)
except SourceError as error:
    print("recusado", error)
# ru_maxrss would begin with what the process that started this one had.
print(int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


def outcome(path: Path) -> tuple[str, int]:
    """What reading a file in a process of its own said, and the mebibytes it took."""
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    said, memory = done.stdout.splitlines()[-2:]
    return said, int(memory)


def text_of(piece: bytes, mebibytes: int) -> Iterator[bytes]:
    yield HEADER
    block = piece * (MEBIBYTE // len(piece))
    yield from (block for _ in range(mebibytes))


def gz(piece: bytes, mebibytes: int) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        with gzip.open(folder / "vde.csv.gz", "wb", compresslevel=1) as file:
            file.writelines(text_of(piece, mebibytes))
        return folder / "vde.csv.gz"

    return write


def xz(piece: bytes, mebibytes: int) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        with lzma.open(folder / "vde.csv.xz", "wb", preset=0) as file:
            file.writelines(text_of(piece, mebibytes))
        return folder / "vde.csv.xz"

    return write


def zipped(piece: bytes, mebibytes: int) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        archive = zipfile.ZipFile(folder / "vde.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        with archive, archive.open("vde.csv", "w") as file:
            file.writelines(text_of(piece, mebibytes))
        return folder / "vde.zip"

    return write


def book(part: str, start: bytes, piece: bytes, mebibytes: int, end: bytes = b"") -> Callable[[Path], Path]:
    """A UF workbook with a bomb after `start` in one of its parts; a part it does not have begins with `start`."""

    def write(folder: Path) -> Path:
        path = folder / "uf.xlsx"
        write_book(path, uf_sheets())
        with zipfile.ZipFile(path) as archive:
            parts = {n: archive.read(n) for n in archive.namelist()}
        parts[RELATIONS] = parts[RELATIONS].replace(b"</Relationships>", TO_SHARED_TEXTS)
        before, _, after = parts.pop(part, b"").partition(start)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, content in ({SHARED_TEXTS: NO_TEXTS} | parts if part != SHARED_TEXTS else parts).items():
                archive.writestr(name, content)
            with archive.open(part, "w") as file:
                file.writelines([before, start, *[piece * (MEBIBYTE // len(piece))] * mebibytes, end, after])
        return path

    return write


BOMBS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "one line without end": (gz(b"A", 20), "texto ilegível depois da linha 2"),
    "one line of quotation marks": (xz(b'"', 20), "texto ilegível depois da linha 2"),
    "more text than any official file": (
        zipped(b"AC,RIO BRANCO,Homicidio doloso" + b"x" * 900 + b"\n", 260),
        "mais que qualquer",
    ),
    "nothing but line ends": (gz(b"\n", 4), "mais de 1048576 linhas"),
    "nothing but separators": (xz(b",,,,,,,,,,,,,,\n", 34), "mais de 1048576 linhas"),
    "a letter a line": (zipped(b"A\n", 4), "mais de 1048576 linhas"),
    "lines of sixty thousand fields": (gz(b"," * 60_000 + b"\n", 2), "mais de 1024 colunas"),
    "a cell without end": (book(SHEET, b"<t>", b"A", 16), "uma célula de mais de"),
    "an attribute without end": (book(SHEET, b'<row r="', b"1", 16), "uma célula de mais de"),
    "rows without end": (book(SHEET, b"<sheetData>", b"<row/>", 8), "planilha danificada"),
    "a row without end": (book(SHEET, b'<row r="1">', b"<c/>", 4), "planilha danificada"),
    "an element of elements": (book(SHEET, b"</sheetData>", b"<x/>", 16), "lido 112"),
    "a lost cell in the last column of many rows": (
        book(SHEET, b"</sheetData>", b'<row><c r="XFD1" t="inlineStr"><is><t>x</t></is></c></row>', 1),
        "lido 112",
    ),
    "merged cells without end": (
        book(SHEET, b"</sheetData>", b'<mergeCell ref="A1:B2"/>', 4),
        "células mescladas grande demais",
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_read_or_refused_in_little_memory(tmp_path: Path, bomb: str) -> None:
    write, said = BOMBS[bomb]
    path = write(tmp_path)
    assert path.stat().st_size < 8 * MEBIBYTE
    text, memory = outcome(path)
    assert said in text
    assert memory < MOST_MEMORY


TEXTS: dict[str, tuple[bytes, int]] = {
    "empty ones without end": (b"<si/>", 44),
    "one without end": (b"A", 4),
    "one in pieces without end": (b"</t><t>" + b"A" * 1000, 4),
}


@pytest.mark.parametrize("texts", TEXTS)
def test_shared_texts_are_bounded(tmp_path: Path, texts: str) -> None:
    start = NO_TEXTS.removesuffix(b"</sst>") + b"<si><t>" * (texts != "empty ones without end")
    text, memory = outcome(book(SHARED_TEXTS, start, *TEXTS[texts])(tmp_path))
    assert re.match(r"recusado uf\.xlsx: planilha com .*mais de \d+ caracteres.*; confira o arquivo", text)
    assert memory < MOST_MEMORY


def test_a_part_that_says_it_is_larger_than_anything_official_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "uf.xlsx"
    write_book(path, uf_sheets())
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo(SHEET).file_size
    directory = content.rindex(b"PK\x01\x02", 0, content.rindex(SHEET.encode()))
    claimed = (2 * 1024 * MEBIBYTE).to_bytes(4, "little")
    assert content[directory + 24 : directory + 28] == size.to_bytes(4, "little")
    path.write_bytes(content[: directory + 24] + claimed + content[directory + 28 :])
    text, _ = outcome(path)
    assert "2147483648 bytes de XML em xl/worksheets/sheet1.xml, mais que o limite de 1073741824" in text


def test_a_blank_in_the_last_cell_of_a_sheet_costs_nothing(tmp_path: Path) -> None:
    lost = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t> </t></is></c></row>'
    path = tmp_path / "uf.xlsx"
    write_book(path, uf_sheets())
    with zipfile.ZipFile(path) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    parts[SHEET] = parts[SHEET].replace(b"</sheetData>", lost + b"</sheetData>")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    text, memory = outcome(path)
    assert (text, memory < MOST_MEMORY) == ("lido 112", True)
