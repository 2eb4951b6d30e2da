"""Kafka values to the contract's 24 columns: columnar where the values allow it, one by one where they do not.

The columnar parser (Arrow's) refuses a whole chunk for one bad value. Of a refused chunk the values that a quick look
finds suspect are taken out; if it is still refused it is halved until the guilty values are among few. What is taken
out goes through the strict scalar parser, which alone says what is wrong. Both give the same columns for a good value.
"""

from collections.abc import Sequence
from functools import reduce

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as paj

from sinesp.domain.contract import FIELD_NAMES, MAX_RECORD_BYTES
from sinesp.microbatch.model.reasons import Reason
from sinesp.microbatch.model.record_value import MAX_DEPTH, Fields, parse_value
from sinesp.microbatch.transforms.arrow import VALUE_SCHEMA

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
        text = _joined(chunk)
        table = _parse_columnar(chunk, text) if _are_flat_objects(chunk, text) else None
        if table is not None:
            tables.append(table)
        else:
            _parse_chunk(chunk, _is_one_line_object(chunk), start, tables, structural)
    return pa.concat_tables(tables).combine_chunks() if tables else VALUE_SCHEMA.empty_table(), structural


def _are_flat_objects(values: pa.BinaryArray, text: pa.Buffer) -> bool:
    """Whether every value is plainly what `_is_one_line_object` lets pass.

    One look at all bytes together (`_joined`), as most chunks allow.
    """
    framed = pc.and_(pc.starts_with(values, b"{"), pc.ends_with(values, b"}"))
    if framed.true_count < len(values) or pc.max(pc.binary_length(values)).as_py() > MAX_RECORD_BYTES:
        return False
    letters = np.frombuffer(text, np.uint8)
    breaks, objects = (np.count_nonzero(letters == ord(sign)) for sign in "\n{")
    single = breaks == len(values) - 1 and objects == len(values)
    return single and not any(_holds(letters, sign) for sign in (*_LENIENT, b"["))


def _holds(letters: npt.NDArray[np.uint8], sign: bytes) -> bool:
    """Whether the bytes of `sign` stand somewhere one after the other; several times as fast as `in`."""
    places = len(letters) - len(sign) + 1
    found = letters[:places] == sign[0]
    for n, letter in enumerate(sign[1:], 1):
        found &= letters[n : n + places] == letter
    return bool(found.any())


def _joined(values: pa.BinaryArray) -> pa.Buffer:
    lines = pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), values)
    return pc.binary_join(lines, b"\n")[0].as_buffer()


def _is_one_line_object(values: pa.BinaryArray) -> pa.BooleanArray:
    """Values that cannot disturb their neighbours in a newline-separated text: at least one object, no line break.

    What the limits of size and depth may refuse, and the numbers that are Arrow's but not JSON's, is left to the scalar
    parser.
    """
    single = pc.invert(reduce(pc.or_, [pc.match_substring(values, sign) for sign in (b"\n", *_LENIENT)]))
    framed = pc.and_(pc.starts_with(values, b"{"), pc.ends_with(values, b"}"))
    brackets = pc.add(pc.count_substring(values, b"{"), pc.count_substring(values, b"["))
    bounded = pc.and_(pc.less_equal(pc.binary_length(values), MAX_RECORD_BYTES), pc.less_equal(brackets, MAX_DEPTH))
    return pc.and_(pc.and_(single, framed), bounded)


def _parse_chunk(
    chunk: pa.BinaryArray, plain: pa.BooleanArray, start: int, tables: list[pa.Table], structural: Structural
) -> None:
    table = _parse_columnar(chunk, _joined(chunk)) if plain.true_count == len(chunk) else None
    if table is None:
        table = _parse_without_suspects(chunk, plain, start, structural)
    if table is not None:
        tables.append(table)
    elif len(chunk) <= _SCALAR_BELOW:
        _parse_singly(chunk, range(start, start + len(chunk)), tables, structural)
    else:
        half = len(chunk) // 2
        _parse_chunk(chunk.slice(0, half), plain.slice(0, half), start, tables, structural)
        _parse_chunk(chunk.slice(half), plain.slice(half), start + half, tables, structural)


def _parse_columnar(chunk: pa.BinaryArray, joined: pa.Buffer) -> pa.Table | None:
    """One Arrow table with exactly one row per value, or None when any value is not plainly good.

    Arrow refuses repeated fields, other types, bad escapes and lone surrogates by itself. Each value holds at least one
    object, so an equal count means exactly one each.
    """
    try:
        # UTF-8 first: Arrow's reader does not look, and `validate` sees nothing of a field that is not the contract's.
        pc.cast(chunk, pa.string())
        text = pa.BufferReader(joined)
        # One block: a value longer than a block would have its whole chunk refused.
        options = paj.ReadOptions(use_threads=False, block_size=max(1 << 16, text.size() + 2))
        table = paj.read_json(text, read_options=options, parse_options=_OPTIONS)
        table.validate(full=True)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError):
        return None
    return table.combine_chunks() if table.num_rows == len(chunk) else None


def _parse_without_suspects(
    chunk: pa.BinaryArray, plain: pa.BooleanArray, start: int, structural: Structural
) -> pa.Table | None:
    """The suspects one by one, the others together; None when that does not help."""
    judged = [
        is_plain and not _is_suspect(raw) for is_plain, raw in zip(plain.to_pylist(), chunk.to_pylist(), strict=True)
    ]
    others = pc.indices_nonzero(pa.array(judged))
    if len(others) in {0, len(chunk)}:
        return None
    plain_ones = chunk.take(others)
    good = _parse_columnar(plain_ones, _joined(plain_ones))
    if good is None:
        return None
    parts = [good]
    suspects = [row for row, is_good in enumerate(judged) if not is_good]
    _parse_singly(chunk.take(pa.array(suspects, others.type)), [start + row for row in suspects], parts, structural)
    order = pc.sort_indices(pa.concat_arrays([others, pa.array(suspects, others.type)]))
    return pa.concat_tables(parts).take(order)


def _is_suspect(raw: bytes) -> bool:
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return True
    return not isinstance(value, dict) or any(v is not None and type(v) is not str for v in value.values())


def _parse_singly(
    chunk: pa.BinaryArray, positions: Sequence[int], tables: list[pa.Table], structural: Structural
) -> None:
    rows: list[Fields] = []
    for position, raw in zip(positions, chunk.to_pylist(), strict=True):
        fields, reasons = _too_large() if len(raw) > MAX_RECORD_BYTES else parse_value(raw)
        rows.append(fields)
        if reasons:
            structural[position] = reasons
    tables.append(pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in FIELD_NAMES}))


def _too_large() -> tuple[Fields, Reasons]:
    """A value over the limit is not parsed at all: parsing it is what the limit protects from."""
    return {}, (Reason.REGISTRO_GRANDE,)
