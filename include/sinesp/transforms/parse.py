"""Kafka values to the contract's 24 columns: columnar where the values allow it, one by one where they do not.

The columnar parser (Arrow's) refuses a whole chunk for one bad value, so a refused chunk is halved until the guilty values
are alone; those go through the strict scalar parser, which says what is wrong. Both give the same columns for a good value.
"""

from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as paj

from sinesp.domain.contract import FIELD_NAMES
from sinesp.domain.reasons import Reason
from sinesp.domain.records import MAX_DEPTH, Fields, parse_value
from sinesp.domain.rules import MAX_RECORD_BYTES
from sinesp.transforms.arrow import VALUE_SCHEMA

Reasons = tuple[Reason, ...]
Structural = dict[int, Reasons]
"""Row position to what is wrong with its structure."""

_SCALAR_BELOW = 128
_OPTIONS = paj.ParseOptions(explicit_schema=VALUE_SCHEMA, newlines_in_values=False, unexpected_field_behavior="ignore")
_CHUNK = 1024
_LENIENT = (b"\r", b"NaN", b"Inf")
"""What Arrow reads in another way than JSON says."""


def parse_values(values: pa.BinaryArray) -> tuple[pa.Table, Structural]:
    """Parse non-null values; row i of the table is value i, with nulls where its structure is broken."""
    tables: list[pa.Table] = []
    structural: Structural = {}
    for start in range(0, len(values), _CHUNK):
        chunk = values.slice(start, _CHUNK)
        if _are_flat_objects(chunk):
            _parse_chunk(chunk, start, tables, structural)
        else:
            _parse_runs(chunk, _is_one_line_object(chunk).to_pylist(), start, tables, structural)
    return pa.concat_tables(tables) if tables else VALUE_SCHEMA.empty_table(), structural


def _are_flat_objects(values: pa.BinaryArray) -> bool:
    """Whether every value is plainly what `_is_one_line_object` lets pass: one look at all bytes together, as most chunks allow."""
    framed = pc.and_(pc.starts_with(values, b"{"), pc.ends_with(values, b"}"))
    if framed.true_count < len(values) or pc.max(pc.binary_length(values)).as_py() > MAX_RECORD_BYTES:
        return False
    text = _joined(values).to_pybytes()
    single = text.count(b"\n") == len(values) - 1 and text.count(b"{") == len(values)
    return single and not any(sign in text for sign in (*_LENIENT, b"["))


def _joined(values: pa.BinaryArray) -> pa.Buffer:
    lines = pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), values)
    return pc.binary_join(lines, b"\n")[0].as_buffer()


def _is_one_line_object(values: pa.BinaryArray) -> pa.BooleanArray:
    """Values that cannot disturb their neighbours in a newline-separated text: each holds at least one object, no line break.

    What the limits of size and depth may refuse, and the numbers that are Arrow's but not JSON's, is left to the scalar parser.
    """
    single = pc.invert(reduce(pc.or_, [pc.match_substring(values, sign) for sign in (b"\n", *_LENIENT)]))
    framed = pc.and_(pc.starts_with(values, b"{"), pc.ends_with(values, b"}"))
    brackets = pc.add(pc.count_substring(values, b"{"), pc.count_substring(values, b"["))
    bounded = pc.and_(pc.less_equal(pc.binary_length(values), MAX_RECORD_BYTES), pc.less_equal(brackets, MAX_DEPTH))
    return pc.and_(pc.and_(single, framed), bounded)


def _parse_runs(chunk: pa.BinaryArray, plain: list[bool], start: int, tables: list[pa.Table], structural: Structural) -> None:
    position = 0
    while position < len(chunk):
        end = position + 1
        while end < len(chunk) and plain[end] == plain[position]:
            end += 1
        parse = _parse_chunk if plain[position] else _parse_singly
        parse(chunk.slice(position, end - position), start + position, tables, structural)
        position = end


def _parse_chunk(chunk: pa.BinaryArray, start: int, tables: list[pa.Table], structural: Structural) -> None:
    table = _parse_columnar(chunk)
    if table is not None:
        tables.append(table)
    elif len(chunk) <= _SCALAR_BELOW:
        _parse_singly(chunk, start, tables, structural)
    else:
        half = len(chunk) // 2
        _parse_chunk(chunk.slice(0, half), start, tables, structural)
        _parse_chunk(chunk.slice(half), start + half, tables, structural)


def _parse_columnar(chunk: pa.BinaryArray) -> pa.Table | None:
    """One Arrow table with exactly one row per value, or None when any value is not plainly good.

    Arrow refuses repeated fields, other types, bad escapes and lone surrogates by itself. Each value holds at least one
    object, so an equal count means exactly one each.
    """
    try:
        pc.cast(chunk, pa.string())
        text = pa.BufferReader(_joined(chunk))
        options = paj.ReadOptions(use_threads=False, block_size=max(1 << 16, text.size() + 2))
        table = paj.read_json(text, read_options=options, parse_options=_OPTIONS)
        table.validate(full=True)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError):
        return None
    return table.combine_chunks() if table.num_rows == len(chunk) else None


def _parse_singly(chunk: pa.BinaryArray, start: int, tables: list[pa.Table], structural: Structural) -> None:
    rows: list[Fields] = []
    for position, raw in enumerate(chunk.to_pylist()):
        fields, reasons = _too_large() if len(raw) > MAX_RECORD_BYTES else parse_value(raw)
        rows.append(fields)
        if reasons:
            structural[start + position] = reasons
    tables.append(pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in FIELD_NAMES}))


def _too_large() -> tuple[Fields, Reasons]:
    """A value over the limit is not parsed at all: parsing it is what the limit protects from."""
    return {}, (Reason.REGISTRO_GRANDE,)
