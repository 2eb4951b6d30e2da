"""XML of a workbook as a stream of elements: no tree is built, so memory does not grow with the file."""

import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import IO
from xml.parsers import expat

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.readers.limits import LONGEST_CELL

NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
"""Of a workbook as Excel saves it, and of "Strict Open XML"; both have the same elements."""

_CHUNK = 256 * 1024

Started = Callable[[dict[str, str]], None]
Ended = Callable[[], None]


class XmlStream:
    """Calls a function per element that starts (with its attributes) or ends; keeps text only after `capture`."""

    def __init__(self, starts: Mapping[str, Started], ends: Mapping[str, Ended]) -> None:
        self._starts = {f"{space} {tag}": call for space in NAMESPACES for tag, call in starts.items()}
        self._ends = {f"{space} {tag}": call for space in NAMESPACES for tag, call in ends.items()}
        self._pieces: list[str] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._started
        self._parser.EndElementHandler = self._ended
        self._parser.StartDoctypeDeclHandler = _refuse_doctype

    def run(self, part: IO[bytes]) -> Iterator[None]:
        """Read the part, pausing after each piece of it."""
        fed = 0
        while chunk := part.read(_CHUNK):
            fed += len(chunk)
            self._parser.Parse(chunk, False)
            self._refuse_endless(fed)
            yield
        self._parser.Parse(b"", True)
        yield

    def capture(self) -> None:
        """Begin to keep text."""
        self._pieces = []
        self._parser.CharacterDataHandler = self._pieces.append

    def text(self) -> str:
        """The text since `capture`; no more is kept."""
        self._parser.CharacterDataHandler = None
        return "".join(self._pieces)

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        if call := self._starts.get(name):
            call(attributes)

    def _ended(self, name: str) -> None:
        if call := self._ends.get(name):
            call()

    def _refuse_endless(self, fed: int) -> None:
        if max(fed - self._parser.CurrentByteIndex, sum(map(len, self._pieces))) > LONGEST_CELL + _CHUNK:
            raise SourceError(f"planilha com uma célula de mais de {LONGEST_CELL} caracteres; confira o arquivo")


def open_part(archive: zipfile.ZipFile, name: str, limit: int) -> IO[bytes]:
    """A part of a workbook, to be read.

    Raises:
        SourceError: it says it is larger than `limit` bytes; it cannot turn out to be larger than it says.
    """
    size = archive.getinfo(name).file_size
    if size > limit:
        raise SourceError(
            f"planilha com {size} bytes de XML em {name}, mais que o limite de {limit}; confira o arquivo"
        )
    return archive.open(name)


def _refuse_doctype(*_: object) -> None:
    raise SourceError("planilha com DTD, que nenhum programa de planilhas escreve; salve-a de novo")
