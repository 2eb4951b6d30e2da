"""Delimited text: `,` or `;`, UTF-8 with or without BOM or Latin-1, plain or compressed; read block by block."""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.readers.containers import SourceFile, open_text_bytes
from sinesp.publication.model.sources import normalise_header

_BLOCK_BYTES = 16 * 1024 * 1024
_LONGEST_HEADER = 64 * 1024


def peek_header(source: SourceFile) -> tuple[str, ...]:
    """The normalised header.

    Raises:
        SourceError: damaged compression, or no line of text at all.
    """
    with open_text_bytes(source) as stream:
        return _header(source, stream)[0]


def read_delimited(source: SourceFile) -> pl.DataFrame:
    """All rows as text columns (blank is null), with `linha` (the header is 1) and `truncada` (wrong number of fields).

    Raises:
        SourceError: damaged compression, no line of text at all, or a quotation mark that is never closed.
    """
    with open_text_bytes(source) as stream:
        header, separator = _header(source, stream)
        frames = []
        line = 2
        try:
            for block in _blocks(stream):
                frames.append(_parse(_decode(block), header, separator, line))
                line += block.count(b"\n") + (not block.endswith(b"\n"))
        except csv.Error as error:
            raise SourceError(
                f"{source}: texto ilegível depois da linha {line} ({error}); exporte-o de novo"
            ) from error
    return pl.concat(frames) if frames else _parse("", header, separator, 2)


def _header(source: SourceFile, stream: BinaryIO) -> tuple[tuple[str, ...], str]:
    text = _decode(stream.readline(_LONGEST_HEADER)).strip()
    if not text or "\x00" in text:
        raise SourceError(f"{source}: não é um texto delimitado nem uma planilha xlsx; salve-o como um dos dois")
    separator = max(";,\t", key=text.count)
    return normalise_header(next(csv.reader([text], delimiter=separator))), separator


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while block := stream.read(_BLOCK_BYTES):
        block, cut, rest = (rest + block).rpartition(b"\n")
        if block or cut:
            yield block + cut
    if rest:
        yield rest


def _decode(block: bytes) -> str:
    """UTF-8, else Windows-1252 (what Brazilian spreadsheets export); the few bytes that have no meaning there stay visible."""
    try:
        return block.decode("utf-8-sig")
    except UnicodeDecodeError:
        return block.decode("cp1252", errors="replace")


def _parse(text: str, header: tuple[str, ...], separator: str, first_line: int) -> pl.DataFrame:
    fields = _quoted(text, separator, len(header)) if '"' in text else _plain(text, separator, len(header))
    names = {f"field_{n}": name for n, name in enumerate(header)}
    blank_to_null = [pl.col(old).str.strip_chars().replace("", None).alias(new) for old, new in names.items() if new]
    numbered = fields.with_columns(linha=pl.int_range(first_line, first_line + pl.len(), dtype=pl.Int64))
    return numbered.filter(~pl.col("vazia")).select(*blank_to_null, "linha", "truncada")


def _plain(text: str, separator: str, width: int) -> pl.DataFrame:
    lines = pl.DataFrame(
        {"texto": text.replace("\r\n", "\n").removesuffix("\n").split("\n")}, schema={"texto": pl.String}
    )
    return lines.select(
        vazia=pl.col("texto").str.strip_chars() == "",
        truncada=pl.col("texto").str.count_matches(separator, literal=True) != width - 1,
        campos=pl.col("texto").str.split_exact(separator, width - 1),
    ).unnest("campos")


def _quoted(text: str, separator: str, width: int) -> pl.DataFrame:
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    columns = {f"field_{n}": [r[n] if n < len(r) else None for r in rows] for n in range(width)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return frame.with_columns(
        pl.Series("vazia", [not r for r in rows]), pl.Series("truncada", [len(r) != width for r in rows])
    )
