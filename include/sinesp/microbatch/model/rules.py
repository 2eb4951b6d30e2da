"""The validation rules: plain functions of a few field values, each returning the reasons that apply.

A rule sees only the fields it names, so a caller may evaluate it once per distinct combination of values.
Null is always allowed except for `id`: the 24 fields are nullable by contract.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from sinesp.domain import territory
from sinesp.domain.contract import MAX_RECORD_BYTES, FieldKind, fields_of
from sinesp.microbatch.model.reasons import Reason

MAX_KEY_BYTES = 65_535
"""Cassandra's limit for a partition key ("Key length … is longer than maximum of 65535")."""

Value = str | None
Reasons = tuple[Reason, ...]

# ASCII and 18 digits: `\d` takes other scripts' digits, and more may not fit the 64 bits a reader turns them into.
_INTEGER = re.compile(r"[0-9]{1,18}")
_YEAR = re.compile(r"(19|20)[0-9]{2}")
_MONTH = re.compile(r"0?[1-9]|1[0-2]")
_MONTH_YEAR = re.compile(r"(0?[1-9]|1[0-2])/((?:19|20)[0-9]{2})")


@dataclass(frozen=True, slots=True)
class Rule:
    """A check over the named fields; `check` gets their values in that order."""

    fields: tuple[str, ...]
    check: Callable[..., Reasons]


def check_integer(value: Value) -> Reasons:
    """Accept null and ASCII non-negative integers."""
    return () if value is None or _INTEGER.fullmatch(value) else (Reason.NUMERO_INVALIDO,)


def check_period(ano: Value, mes: Value, mes_ano: Value) -> Reasons:
    """Year, month and month/year possible, and in agreement where all are given."""
    reasons = []
    if ano is not None and not _YEAR.fullmatch(ano):
        reasons.append(Reason.ANO_INVALIDO)
    if mes is not None and not _MONTH.fullmatch(mes):
        reasons.append(Reason.MES_INVALIDO)
    if mes_ano is None:
        return tuple(reasons)
    match = _MONTH_YEAR.fullmatch(mes_ano)
    if match is None:
        return (*reasons, Reason.MES_ANO_INVALIDO)
    disagrees_on_month = mes is not None and Reason.MES_INVALIDO not in reasons and int(mes) != int(match[1])
    disagrees_on_year = ano is not None and Reason.ANO_INVALIDO not in reasons and ano != match[2]
    if disagrees_on_month or disagrees_on_year:
        reasons.append(Reason.MES_ANO_CONTRADITORIO)
    return tuple(reasons)


def check_uf(uf: Value, uf_nome: Value) -> Reasons:
    """Known state, and a name that is that state's."""
    named = None if uf_nome is None else territory.uf_of_name(uf_nome)
    if (uf is not None and uf not in territory.UFS) or (uf_nome is not None and named is None):
        return (Reason.UF_DESCONHECIDA,)
    if uf is not None and named is not None and named != uf:
        return (Reason.UF_NOME_CONTRADITORIO,)
    return ()


def check_municipio(uf: Value, codigo: Value) -> Reasons:
    """Known IBGE code, and of that state where the state is known."""
    if codigo is None:
        return ()
    owner = territory.municipality_uf(codigo)
    if owner is None:
        return (Reason.MUNICIPIO_DESCONHECIDO,)
    if uf in territory.UFS and uf != owner:
        return (Reason.MUNICIPIO_DE_OUTRA_UF,)
    return ()


CHECKS: tuple[tuple[tuple[FieldKind, ...], Callable[..., Reasons]], ...] = (
    ((FieldKind.INTEIRO,), check_integer),
    ((FieldKind.ANO, FieldKind.MES, FieldKind.MES_ANO), check_period),
    ((FieldKind.UF, FieldKind.UF_NOME), check_uf),
    ((FieldKind.UF, FieldKind.CODIGO_MUNICIPIO), check_municipio),
)
"""The check of each kind, with the kinds it is read together with."""

RULES: tuple[Rule, ...] = tuple(
    Rule(names, check) for kinds, check in CHECKS for names in product(*map(fields_of, kinds))
)
"""The rules over few distinct values, one per field or group of fields.

Those over `id`, key and size are in `check_identity`.
"""


def check_identity(key: bytes | None, record_id: Value, size: int) -> Reasons:
    """The record's id is there, equals its key, and the whole is small enough for Cassandra."""
    reasons = []
    if size > MAX_RECORD_BYTES:
        reasons.append(Reason.REGISTRO_GRANDE)
    if record_id is None or not record_id.strip():
        reasons.append(Reason.ID_AUSENTE)
        return tuple(reasons)
    encoded = record_id.encode("utf-8", "surrogatepass")
    if len(encoded) > MAX_KEY_BYTES:
        reasons.append(Reason.TEXTO_RECUSADO)
    if key != encoded:
        reasons.append(Reason.CHAVE_DIFERENTE)
    return tuple(reasons)
