"""The domain's rules over columns: each rule runs once per distinct combination of the values it looks at."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from sinesp.domain.reasons import Reason
from sinesp.domain.rules import MAX_KEY_BYTES, RULES, Rule, check_identity
from sinesp.transforms.parse import Structural

_SEPARATOR = "\x1f"
_NULL = "\x00"


def find_reasons(keys: pa.BinaryArray, sizes: pa.Int32Array, table: pa.Table, structural: Structural) -> dict[int, list[Reason]]:
    """All reasons per refused row; rows that are not in the result are valid. Structurally broken rows keep only those reasons."""
    found: dict[int, list[Reason]] = {row: list(reasons) for row, reasons in structural.items()}
    for row, reasons in _violations(table):
        if not _unparsed(structural.get(row, ())):
            found.setdefault(row, []).extend(reasons)
    for row in _suspicious_identities(keys, sizes, table):
        if not _unparsed(structural.get(row, ())):
            reasons = check_identity(keys[row].as_py(), table["id"][row].as_py(), sizes[row].as_py())
            if reasons:
                found.setdefault(row, []).extend(reasons)
    return {row: list(dict.fromkeys(reasons)) for row, reasons in found.items()}


def _unparsed(reasons: tuple[Reason, ...]) -> bool:
    """Whether nothing of the value could be read, so that the other rules have nothing to say."""
    return any(r in _WHOLE_VALUE for r in reasons)


_WHOLE_VALUE = frozenset({Reason.UTF8_INVALIDO, Reason.JSON_INVALIDO, Reason.JSON_NAO_OBJETO, Reason.REGISTRO_GRANDE})


def _violations(table: pa.Table) -> Iterator[tuple[int, tuple[Reason, ...]]]:
    for rule in RULES:
        encoded = _combinations(table, rule).dictionary_encode()
        verdicts = [_evaluate(rule, text) for text in encoded.dictionary.to_pylist()]
        bad = [i for i, verdict in enumerate(verdicts) if verdict]
        if bad:
            hits = pc.is_in(encoded.indices, pa.array(bad, encoded.indices.type))
            for row in pc.indices_nonzero(hits).to_pylist():
                yield row, verdicts[encoded.indices[row].as_py()]


def _combinations(table: pa.Table, rule: Rule) -> pa.StringArray:
    """One text per row holding the rule's values; a null is a lone NUL, so it cannot be mistaken for a text."""
    columns = [pc.fill_null(table[name].combine_chunks(), _NULL) for name in rule.fields]
    return columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, _SEPARATOR)


def _evaluate(rule: Rule, text: str) -> tuple[Reason, ...]:
    """Evaluate one combination. A separator inside a value makes more parts than fields: such a text breaks the rule anyway."""
    parts = text.split(_SEPARATOR) if len(rule.fields) > 1 else [text]
    if len(parts) != len(rule.fields):
        parts = [*parts[: len(rule.fields) - 1], _SEPARATOR.join(parts[len(rule.fields) - 1 :])]
    return rule.check(*(None if part == _NULL else part for part in parts))


def _suspicious_identities(keys: pa.BinaryArray, sizes: pa.Int32Array, table: pa.Table) -> list[int]:
    """Rows whose id is not plainly present, short and equal to the key."""
    ids = table["id"].combine_chunks()
    same = pc.fill_null(pc.equal(pc.cast(ids, pa.binary()), keys), False)
    present = pc.fill_null(pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(ids)), 0), False)
    short = pc.fill_null(pc.less_equal(pc.binary_length(ids), MAX_KEY_BYTES), False)
    small = pc.less_equal(sizes, 1024 * 1024)
    good = pc.and_(pc.and_(same, present), pc.and_(short, small))
    return list(pc.indices_nonzero(pc.invert(good)).to_pylist())
