"""Kinds of file that are recognised and not read: each with what it is and what to do about it."""

from collections.abc import Collection

from sinesp.domain.errors import SourceError


class UnsupportedFileError(SourceError):
    """A file of a kind that is never read. Beside sound files it is named in a warning and stops nothing."""


_SAVE_AS_XLSX = "abra-a e salve-a como pasta de trabalho do Excel (.xlsx)"
_OLD_EXCEL = f"planilha do Excel 97-2003 (.xls) ou outro documento antigo do Office; {_SAVE_AS_XLSX}"
_ENCRYPTED = "planilha protegida por senha; abra-a e salve-a sem senha, como .xlsx"
_ODS = f"planilha OpenDocument (.ods); {_SAVE_AS_XLSX}"
_XLSB = f"planilha binária do Excel (.xlsb); {_SAVE_AS_XLSX}"
_NUMBERS = "planilha do Numbers; exporte-a como .xlsx"
_OFFICE = "documento do Office que não é planilha; salve a tabela como .xlsx"
_PACKED = "extraia os arquivos numa pasta"

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STARTS = (
    (b"7z\xbc\xaf\x27\x1c", f"arquivo 7z; {_PACKED}"),
    (b"Rar!\x1a\x07", f"arquivo rar; {_PACKED}"),
    (b"BZh", f"arquivo bzip2; {_PACKED}"),
    (b"\x28\xb5\x2f\xfd", f"arquivo zstd; {_PACKED}"),
    (b"PAR1", "arquivo parquet; salve a tabela como .csv ou .xlsx"),
    (b"%PDF", "documento PDF; salve a tabela como .csv ou .xlsx"),
    (b"SQLite format 3\x00", "banco SQLite; exporte a tabela como .csv"),
)
_BY_SUFFIX = {
    ".ods": _ODS,
    ".xlsb": _XLSB,
    ".numbers": _NUMBERS,
    ".7z": f"arquivo 7z; {_PACKED}",
    ".rar": f"arquivo rar; {_PACKED}",
}
_HOW_FAR_TO_LOOK = 1024 * 1024

UNSUPPORTED_SUFFIXES = frozenset({*_BY_SUFFIX, ".xls"})


def unsupported_by_content(start: bytes) -> str | None:
    """What a file with these first bytes (a mebibyte, if there is one) is, if it is of a kind that is never read."""
    if start.startswith(_OLE):
        return _ENCRYPTED if "EncryptedPackage".encode("utf-16-le") in start[:_HOW_FAR_TO_LOOK] else _OLD_EXCEL
    head = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:400]
    if head.startswith(b"<?xml") and b"Excel.Sheet" in head:
        return f"planilha XML 2003; {_SAVE_AS_XLSX}"
    return next((what for magic, what in _STARTS if start.startswith(magic)), None)


def unsupported_by_suffix(suffix: str) -> str | None:
    """What a file is whose content says only that it is some ZIP."""
    return _BY_SUFFIX.get(suffix.lower())


def unsupported_zip(names: Collection[str]) -> str | None:
    """What a ZIP with these members is, if it is a document of a kind that is never read."""
    lower = [n.lower() for n in names]
    if "mimetype" in lower and "content.xml" in lower:
        return _ODS
    if any(n.endswith("workbook.bin") for n in lower):
        return _XLSB
    if any(n.endswith(".iwa") for n in lower):
        return _NUMBERS
    if "[content_types].xml" in lower and any(n.startswith(("word/", "ppt/", "visio/")) for n in lower):
        return _OFFICE
    return None
