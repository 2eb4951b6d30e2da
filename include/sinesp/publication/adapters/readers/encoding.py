"""Bytes to text: UTF-8, Windows-1252, UTF-16, also when one file has two of them or was encoded twice."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 256
_LETTERS = "ÁÀÂÃÉÊÍÓÔÕÚÜÇáàâãéêíóôõúüçºª´\u00a0"


def utf8_chunks(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """The stream in chunks of about `size` bytes; UTF-16 and UTF-32 are made UTF-8, everything else is left as it is.

    Raises:
        UnicodeDecodeError: it began as UTF-16 or UTF-32 and is not all of it.
    """
    chunk = stream.read(size)
    codec = _wide_codec(chunk)
    if codec is None:
        while chunk:
            yield chunk
            chunk = stream.read(size)
        return
    decoder = codecs.getincrementaldecoder(codec)()
    while chunk:
        yield decoder.decode(chunk).encode()
        chunk = stream.read(size)
    decoder.decode(b"", final=True)


def decode_lines(block: bytes) -> str:
    r"""Text of whole lines ended by `\n`.

    Decided line by line, since files are put together from parts: a line with accents is never by chance valid UTF-8.
    """
    try:
        text = block.decode()
    except UnicodeDecodeError:
        return repair_mojibake("\n".join(map(_decode_line, block.split(b"\n")))).replace("\ufeff", "")
    if _ENCODED_TWICE.search(block):
        text = repair_mojibake(text)
    return text.replace("\ufeff", "")


def repair_mojibake(text: str) -> str:
    """Undo an encoding made twice (`SÃ£o` for `São`), only where it gives a letter of Portuguese.

    >>> repair_mojibake("SÃ£o JoÃ£o da BarÃ£o, São")
    'São João da Barão, São'
    """
    return _PAIR.sub(lambda match: _REPAIRS.get(match[0], match[0]), text)


def _wide_codec(start: bytes) -> str | None:
    for bom, codec in _BOMS:
        if start.startswith(bom):
            return codec
    sample = start[:_SAMPLE]
    even, odd = sample[::2], sample[1::2]
    # Our letters are all below U+0100: of every pair one byte is zero, always the same one.
    if len(odd) > 1 and odd.count(0) == len(odd) and not even.count(0):
        return "utf-16-le"
    return "utf-16-be" if len(odd) > 1 and even.count(0) == len(even) and not odd.count(0) else None


def _decode_line(line: bytes) -> str:
    """UTF-8, else what Brazilian spreadsheets export; the few bytes that have no meaning there stay visible."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors=_VISIBLE)


def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


_VISIBLE = "sinesp-latin-1"
codecs.register_error(_VISIBLE, _as_latin_1)


def _misread(letter: str) -> set[str]:
    raw = letter.encode()
    return {raw.decode("latin-1"), raw.decode("cp1252", errors="ignore")}


_REPAIRS = {wrong: letter for letter in _LETTERS for wrong in _misread(letter) if len(wrong) == len(letter.encode())}
_PAIR = re.compile("[ÂÃ][" + re.escape("".join({wrong[1] for wrong in _REPAIRS})) + "]")
_ENCODED_TWICE = re.compile(rb"\xc3[\x82\x83](?:[\xc2\xc5\xc6\xcb]|\xe2)")
