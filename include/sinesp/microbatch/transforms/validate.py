"""The domain's rules over columns: each rule runs once per distinct combination of the values it looks at."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sinesp.domain.contract import MAX_RECORD_BYTES
from sinesp.microbatch.model.reasons import Reason
from sinesp.microbatch.model.rules import MAX_KEY_BYTES, RULES, Rule, check_identity
from sinesp.microbatch.transforms.parse import Structural


def find_reasons(
    keys: pa.BinaryArray, sizes: pa.Int32Array, table: pa.Table, structural: Structural
) -> dict[int, list[Reason]]:
    """All reasons per refused row; rows that are not in the result are valid.

    Rows of which nothing could be read keep only their structural reasons.
    """
    verdicts: dict[int, list[Reason]] = {row: list(reasons) for row, reasons in structural.items()}
    for row, reasons in _violations(table):
        if not _unparsed(structural.get(row, ())):
            verdicts.setdefault(row, []).extend(reasons)
    for row in _suspicious_identities(keys, sizes, table):
        if not _unparsed(structural.get(row, ())):
            reasons = check_identity(keys[row].as_py(), table["id"][row].as_py(), sizes[row].as_py())
            if reasons:
                verdicts.setdefault(row, []).extend(reasons)
    return {row: list(dict.fromkeys(reasons)) for row, reasons in verdicts.items()}


def _unparsed(reasons: tuple[Reason, ...]) -> bool:
    """Whether nothing of the value could be read, so that the other rules have nothing to say."""
    return any(r in _WHOLE_VALUE for r in reasons)


_WHOLE_VALUE = frozenset({Reason.UTF8_INVALIDO, Reason.JSON_INVALIDO, Reason.JSON_NAO_OBJETO, Reason.REGISTRO_GRANDE})


def _violations(table: pa.Table) -> Iterator[tuple[int, tuple[Reason, ...]]]:
    for rule in RULES:
        combinations, values = _combinations(table, rule)
        verdicts = [rule.check(*_values(code, values)) for code in combinations.dictionary.to_pylist()]
        bad = [i for i, verdict in enumerate(verdicts) if verdict]
        if bad:
            hits = pc.is_in(combinations.indices, pa.array(bad, combinations.indices.type))
            for row in pc.indices_nonzero(hits).to_pylist():
                yield row, verdicts[combinations.indices[row].as_py()]


def _combinations(table: pa.Table, rule: Rule) -> tuple[pa.DictionaryArray, list[list[str | None]]]:
    """One number per row that stands for its combination of values, and each field's values to read it back.

    Numbers, not joined texts: no text inside a value can pass for a null or for a border between two values.
    """
    code: Any = pa.scalar(0, pa.int64())
    values: list[list[str | None]] = []
    for name in rule.fields:
        column = table[name].combine_chunks().dictionary_encode()
        texts = [*column.dictionary.to_pylist(), None]
        index = pc.fill_null(column.indices.cast(pa.int64()), len(texts) - 1)
        code = pc.add(pc.multiply(code, len(texts)), index)
        values.append(texts)
    return code.dictionary_encode(), values


def _values(code: int, values: list[list[str | None]]) -> list[str | None]:
    """Inverse of `_combinations`: the number is written in the mixed radix of the fields' distinct values."""
    reasons = []
    for texts in reversed(values):
        code, position = divmod(code, len(texts))
        reasons.append(texts[position])
    return reasons[::-1]


def _suspicious_identities(keys: pa.BinaryArray, sizes: pa.Int32Array, table: pa.Table) -> list[int]:
    """Rows whose id is not plainly present, short and equal to the key."""
    ids = table["id"].combine_chunks()
    same = pc.fill_null(pc.equal(pc.cast(ids, pa.binary()), keys), False)
    present = pc.fill_null(pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(ids)), 0), False)
    short = pc.fill_null(pc.less_equal(pc.binary_length(ids), MAX_KEY_BYTES), False)
    small = pc.less_equal(sizes, MAX_RECORD_BYTES)
    good = pc.and_(pc.and_(same, present), pc.and_(short, small))
    return list(pc.indices_nonzero(pc.invert(good)).to_pylist())
