"""Deterministic record ids: the same fact has the same id in every release, and two sources never share one."""

import hashlib

# In no part of a key: joined by a character they may hold, two different facts could share an id.
SEPARATOR = "\x1f"
PARTS = ("fonte", "granularidade", "lugar", "periodo", "tipo_crime", "abrangencia")
"""What identifies a record.

`lugar`: municipality code, `<UF>:NI` for unlocated victims, sigla, `BR`; `periodo`: AAAA-MM.
"""


def hash_key(key: str) -> str:
    """Hash the six parts joined by SEPARATOR: 32 lower-case hexadecimal digits (BLAKE2b, 128 bits)."""
    return hashlib.blake2b(key.encode(), digest_size=16).hexdigest()


def record_id(*parts: str) -> str:
    """Return the id of the record with these PARTS; the last of them, `abrangencia`, may be left out.

    Raises:
        ValueError: another number of parts.
    """
    key = (*parts, "")[: len(PARTS)]
    if len(key) != len(PARTS):
        raise ValueError(f"a record is identified by {', '.join(PARTS)}; {len(parts)} parts given")
    return hash_key(SEPARATOR.join(key))
