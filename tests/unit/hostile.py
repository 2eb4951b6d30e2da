"""Values that try to tell the two parsers apart, as hypothesis strategies."""

from hypothesis import strategies as st

_NAMES = ["id", "vitimas", "uf", "municipio", "\\u0069d", "id\\u0000", "novo", "", "\\ud800"]
_PIECES = [
    "a", "é", "\u202e", "e\u0301", "😀", "\\n", "\\u0000", "\\ud83d\\ude00", "\\ud800", "\\udc00",
    "\\udc00\\ud800", "\\u00", "\\x", "\\/",
    "\x00", "\x1f", "\t", "\x7f", "[", "{", "\ufeff", "=1+1", "'; DROP TABLE x; --",
]  # fmt: skip
_OTHERS = [
    "null", "true", "1", "-0", "01", "1.", ".5", "1e999", "9" * 5000, "NaN", "-Infinity", "Inf", "-Inf",
    "[]", "{}", '["a"]', '{"id":"x"}', "nul", "",
    '{"a":1,"a":2}', "[" * 101 + "]" * 101, "[1,]", "/**/1", "'a'",
]  # fmt: skip

_texts = st.lists(st.sampled_from(_PIECES), max_size=3).map(lambda pieces: '"' + "".join(pieces) + '"')
_members = st.tuples(st.sampled_from(_NAMES), _texts | _texts | st.sampled_from(_OTHERS)).map(
    lambda m: f'"{m[0]}":{m[1]}'
)
_objects = st.lists(_members, max_size=4).map(lambda members: "{" + ",".join(members) + "}")
_framed = st.tuples(
    st.sampled_from(["", " ", "\n", "\ufeff"]), _objects, st.sampled_from(["", " ", "\n", "}", "{}", ",{}"])
).map("".join)
_broken = st.tuples(
    _objects, st.integers(0, 60), st.sampled_from([b"\xff", b"\xed\xa0\x80", b"\r", b"\n", b"}", b"{", b'"', b""])
).map(lambda b: (raw := b[0].encode())[: b[1]] + b[2] + raw[b[1] + 1 :])

values = _objects.map(str.encode) | _framed.map(str.encode) | _broken
"""Raw values: from plainly good to not even text."""
