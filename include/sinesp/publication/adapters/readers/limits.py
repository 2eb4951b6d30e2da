"""Bounds that keep a reading under two gigabytes of memory; all are above anything official (see each)."""

from sinesp.domain.errors import SourceError

LARGEST_TEXT = 256 * 1024 * 1024
"""Bytes of a delimited text, decompressed; a year of the VDE has 100 million."""

LONGEST_LINE = 64 * 1024
"""Bytes of a line of text; the longest official one has less than 300."""

MOST_ROWS = 1_048_576
"""Rows of a file, all sheets together: what one sheet can hold. The largest year of the VDE known of has 832,293."""

MOST_BLANK_LINES = 1_048_576
"""Lines of a text that are no rows."""

MOST_COLUMNS = 1024
"""Cells further to the right are not looked at."""

LAST_COLUMN = 16_384
"""What a spreadsheet can have (column XFD)."""

MOST_MERGED = 100_000
"""Merged areas of a sheet."""

LARGEST_SHEET = 1024 * 1024 * 1024
"""Bytes of a sheet's XML, and of the shared texts'; a year of the VDE has 286 million."""

LARGEST_PART = 32 * 1024 * 1024
"""Bytes of the other parts of a workbook (its list of sheets, its styles)."""

MOST_TEXT = 64 * 1024 * 1024
"""Characters of all distinct shared texts of a workbook."""

LONGEST_CELL = 1024 * 1024
"""Characters of a cell, and bytes of XML that end nowhere; a spreadsheet allows 32,767."""

HEADER_SEARCH = 10
"""A title may stand above the header; nothing official has put it lower than this."""


def refuse_rows(rows: int) -> None:
    """Stop when a file has more rows than can be meant.

    Raises:
        SourceError: more than `MOST_ROWS`.
    """
    if rows > MOST_ROWS:
        raise SourceError(f"mais de {MOST_ROWS} linhas, mais que qualquer arquivo oficial; confira o arquivo")
