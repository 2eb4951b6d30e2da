"""Delimited text, plain or compressed, read block by block; every line is a row, whatever its quotation marks say."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

import polars as pl

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.readers.containers import SourceFile, looks_like_html, open_text_bytes
from sinesp.publication.adapters.readers.encoding import decode_lines, utf8_chunks
from sinesp.publication.adapters.readers.headers import about
from sinesp.publication.adapters.readers.limits import (
    HEADER_SEARCH,
    LARGEST_TEXT,
    LONGEST_LINE,
    MOST_BLANK_LINES,
    MOST_COLUMNS,
    refuse_rows,
)
from sinesp.publication.model.sources import classify, known_columns, normalise_header

_BLOCK_BYTES = 4 * 1024 * 1024
_LINES_AT_ONCE = 20_000
_SEPARATORS = ";,\t|"
_LINES_OF_A_HEADER = 20
_ROWS_THAT_AGREE = 100


@dataclass(frozen=True, slots=True)
class _Header:
    """A header, and how many lines it takes together with what stands above it."""

    names: tuple[str, ...]
    separator: str
    lines: int


@dataclass(frozen=True, slots=True)
class _Layout:
    """How lines become rows: `columns` are ours by position; fields from `given` to `width` have no header."""

    separator: str
    columns: dict[int, str]
    given: int
    width: int


def peek_header(source: SourceFile) -> tuple[str, ...]:
    """The normalised header; that of the first line with any text when no line is a header of ours.

    Raises:
        SourceError: damaged compression, no line of text at all, or a header that can be read in two ways.
    """
    with open_text_bytes(source) as stream, about(source):
        header = _header(next(_texts(stream, LONGEST_LINE), ""))
        known_columns(header.names)
    return header.names


def read_delimited(source: SourceFile) -> pl.DataFrame:
    """All rows as text columns (blank is null), those of ours only, with `linha` and `truncada`.

    `linha` counts lines from 1. `truncada` is a line with more or fewer fields than the header, a quotation mark
    without its pair, or a zero byte; what it says is kept as far as it can be told.

    Raises:
        SourceError: damaged compression, no line of text at all, or beyond the bounds in `limits`.
    """
    with open_text_bytes(source) as stream, about(source):
        texts = _texts(stream, _BLOCK_BYTES)
        first = next(texts, "")
        header = _header(first)
        first = first.split("\n", header.lines)[-1]
        layout = _layout(header, first)
        frames = [_parse([], layout, 0)]
        line = header.lines + 1
        for lines in _pieces(chain([first], texts)):
            frames.append(_parse(lines, layout, line))
            line += len(lines)
            refuse_rows(max(sum(f.height for f in frames), line - MOST_BLANK_LINES))
    return pl.concat(frames)


def _pieces(texts: Iterable[str]) -> Iterator[list[str]]:
    # Nearly empty lines become rows of many columns: of more at once they would take gigabytes.
    for text in texts:
        lines = text.split("\n")[:-1]
        yield from (lines[n : n + _LINES_AT_ONCE] for n in range(0, len(lines), _LINES_AT_ONCE))


def _texts(stream: BinaryIO, size: int) -> Iterator[str]:
    r"""The text in blocks of whole lines, each ended by `\n` alone."""
    rest = b""
    lines = read = 0
    try:
        for chunk in utf8_chunks(stream, size):
            read += len(chunk)
            _refuse_size(read)
            block, rest = _whole_lines(rest + chunk)
            _refuse_long(max(map(len, (*block.split(b"\n"), rest))), lines + block.count(b"\n") + 1)
            lines += block.count(b"\n")
            if block:
                yield decode_lines(block)
    except UnicodeDecodeError as error:
        raise SourceError(f"texto UTF-16 ilegível ({error.reason}); exporte-o de novo, em UTF-8") from error
    if rest:
        yield decode_lines(_newlines(rest).removesuffix(b"\n") + b"\n")


def _whole_lines(block: bytes) -> tuple[bytes, bytes]:
    # A carriage return at the very end may be half of a line end: it waits for what comes.
    half = b"\r" if block.endswith(b"\r") else b""
    whole, end, rest = _newlines(block.removesuffix(half)).rpartition(b"\n")
    return whole + end, rest + half


def _newlines(block: bytes) -> bytes:
    return block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _refuse_size(read: int) -> None:
    if read > LARGEST_TEXT:
        raise SourceError(
            f"texto de mais de {LARGEST_TEXT} bytes, mais que qualquer arquivo oficial; confira o arquivo"
        )


def _refuse_long(longest: int, line: int) -> None:
    if longest > LONGEST_LINE:
        raise SourceError(
            f"texto ilegível depois da linha {line} (mais de {LONGEST_LINE} bytes sem fim de linha); exporte-o de novo"
        )


def _header(text: str) -> _Header:
    lines = text.split("\n")[: HEADER_SEARCH + _LINES_OF_A_HEADER]
    for number, line in _joined(lines):
        for separator in _SEPARATORS:
            names = normalise_header(_fields(line, separator)[0])
            if classify(names):
                return _Header(names, separator, number)
    return _unknown_header(lines)


def _joined(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each line, with those after it while a quotation mark is open: a name of two lines is a header's right."""
    for start in range(min(HEADER_SEARCH, len(lines))):
        end = start + 1
        while "\n".join(lines[start:end]).count('"') % 2 and end < min(start + _LINES_OF_A_HEADER, len(lines)):
            end += 1
        yield end, "\n".join(lines[start:end])


def _unknown_header(lines: Sequence[str]) -> _Header:
    position = next((n for n, line in enumerate(lines) if line.strip()), None)
    if position is None or any("\x00" in line for line in lines):
        raise SourceError("não é um texto delimitado nem uma planilha xlsx; salve-o como um dos dois")
    if looks_like_html(lines[position].encode()):
        raise SourceError("é uma página HTML, não um arquivo de dados (bloqueio ou erro do site); baixe de novo")
    separator = max(_SEPARATORS, key=lines[position].count)
    return _Header(normalise_header(_fields(lines[position], separator)[0]), separator, position + 1)


def _layout(header: _Header, text: str) -> _Layout:
    given = len(header.names)
    named = max((n for n, name in enumerate(header.names, 1) if name), default=1)
    rows = [_fields(line, header.separator)[0] for line in text.split("\n", _ROWS_THAT_AGREE)[:-1] if line.strip()]
    widths = {len(r) for r in rows}
    # Separators at the end of every line say nothing; at the end of some, a field before them was torn in two.
    if max(widths | {given}) > MOST_COLUMNS:
        raise SourceError(f"linhas de mais de {MOST_COLUMNS} colunas; confira o arquivo")
    agree = len(widths) == 1 and min(widths) >= named and not any(f.strip() for r in rows for f in r[given:])
    return _Layout(header.separator, known_columns(header.names), given, widths.pop() if agree else given)


def _parse(lines: Sequence[str], layout: _Layout, first_line: int) -> pl.DataFrame:
    fields = (_quoted if any('"' in line for line in lines) else _plain)(lines, layout)
    ours = [pl.col(f"field_{n}").str.strip_chars().replace("", None).alias(name) for n, name in layout.columns.items()]
    numbered = fields.with_columns(linha=pl.int_range(first_line, first_line + pl.len(), dtype=pl.Int64))
    if layout.width > layout.given:
        unnamed = [pl.col(f"field_{n}").str.strip_chars() != "" for n in range(layout.given, layout.width)]
        numbered = numbered.with_columns(truncada=pl.col("truncada") | pl.any_horizontal(unnamed).fill_null(False))
    return numbered.filter(~pl.col("vazia")).select(*ours, "linha", "truncada")


def _plain(lines: Sequence[str], layout: _Layout) -> pl.DataFrame:
    line = pl.col("texto")
    wrong_width = line.str.count_matches(layout.separator, literal=True) != layout.width - 1
    return (
        pl.DataFrame({"texto": lines}, schema={"texto": pl.String})
        .select(
            vazia=line.str.strip_chars().str.strip_chars(layout.separator + " \t") == "",
            truncada=wrong_width | line.str.contains("\x00", literal=True),
            campos=line.str.split_exact(layout.separator, layout.width - 1),
        )
        .unnest("campos")
    )


def _quoted(lines: Sequence[str], layout: _Layout) -> pl.DataFrame:
    read = [_fields(line, layout.separator) for line in lines]
    columns = {f"field_{n}": [r[n] if n < len(r) else None for r, _ in read] for n in range(layout.width)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return frame.with_columns(
        pl.Series("vazia", [not any(f.strip() for f in r) for r, _ in read], pl.Boolean),
        pl.Series("truncada", [broken or len(r) != layout.width for r, broken in read], pl.Boolean),
    )


def _fields(line: str, separator: str) -> tuple[list[str], bool]:
    """Fields of a line and whether they are doubtful. It is read by itself: no field of ours goes on in the next."""
    marks = line.count('"')
    if not marks:
        return line.split(separator), "\x00" in line
    # The second mark of a pair that began on another line may look like an ordinary character of a field.
    if marks % 2 == 0:
        with suppress(csv.Error):
            return next(csv.reader((line,), delimiter=separator, strict=True, skipinitialspace=True)), "\x00" in line
    return [field.replace('"', "") for field in line.split(separator)], True
