"""Hostile values with the fate each deserves, said by how it was built and not by the code under test.

The same every time.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from sinesp.domain.contract import FIELD_NAMES

MIB = 1024 * 1024
Fields = dict[str, Any]

TEXTS = (
    "\x00", "a\x00b", "\x1f", "\x01\x02\x7f", "\t", "linha\nquebrada", "\r\n", "\\", '"', "'",
    "''; DROP TABLE tb_ocorrencias_estado; --",
    "') USING TIMESTAMP 9", "{}", "[[[[", "null", "NaN", "Infinity", "=1+1", "+1", "-1", "@SUM(A1)",
    "=cmd|' /C calc'!A0", "%s %d {0}",
    "\u202eotxet", "ש\u05b8לום", "e\u0301\u0327\u0300" * 20, "\u200b", "\ufeff", "\ufffe", "😀👩‍👩‍👧",
    "\U0010ffff", "ǅ", "İ", "ﬃ",
    "١٢٣", "1e3", "0x10", "1.0", " 1", "1 ", "x" * 10_000, "[{" * 200,
)  # fmt: skip
"""None of them is a number, a date or a place."""

_NUMBERS = ("vitimas", "ocorrencias", "homicidio_doloso", "latrocinio", "estupro")
_JUDGED = {
    **dict.fromkeys(_NUMBERS, "numero_invalido"), "ano": "ano_invalido", "mes": "mes_invalido",
    "mes_ano": "mes_ano_invalido",
    "uf": "uf_desconhecida", "uf_nome": "uf_desconhecida", "codigo_municipio": "municipio_desconhecido",
}  # fmt: skip
_FREE = ("dataset_id", "resource_id", "tipo_crime", "data_extracao", "granularidade", "municipio", "regiao")
_OTHER_TYPES: tuple[Any, ...] = (1, -1, 10**40, 1.5, True, False, [], ["SP"], {}, {"id": "x"})


@dataclass(frozen=True)
class Case:
    """One message; no reasons and no fields: a deletion."""

    key: bytes | None
    value: bytes | None
    reasons: frozenset[str] = frozenset()
    fields: Fields | None = None


def cases() -> list[Case]:
    """Every family of the corpus."""
    names = (f"c{n}" for n in count())
    families = (
        _texts,
        _numbers_and_codes,
        _types,
        _structure,
        _bytes,
        _surrogates,
        _identities,
        _deletions,
        _sizes,
        _contradictions,
        _mixtures,
    )
    return [case for family in families for case in family(names)]


def _good(name: str, **fields: Any) -> Fields:
    base = {
        "granularidade": "municipio",
        "ano": "2024",
        "mes": "1",
        "mes_ano": "01/2024",
        "uf": "SP",
        "uf_nome": "São Paulo",
        "vitimas": "0",
    }
    return {**dict.fromkeys(FIELD_NAMES), **base, "id": name, "codigo_municipio": "3550308", **fields}


def _case(fields: Fields, *reasons: str, key: bytes | None = None, ascii_only: bool = True) -> Case:
    value = json.dumps(fields, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    return Case(
        str(fields["id"]).encode() if key is None else key, value, frozenset(reasons), None if reasons else fields
    )


def _texts(names: Iterator[str]) -> Iterator[Case]:
    for ascii_only in (True, False):
        for text in TEXTS:
            for name in _FREE:
                yield _case(_good(next(names), **{name: text}), ascii_only=ascii_only)
            yield _case(_good(f"{next(names)}{text}"), ascii_only=ascii_only)


def _numbers_and_codes(names: Iterator[str]) -> Iterator[Case]:
    for name, reason in _JUDGED.items():
        for text in (*TEXTS, "", " "):
            yield _case(_good(next(names), **{name: text}), reason, ascii_only=len(text) % 2 == 0)
    for text in ("0", "00", "9" * 18):
        yield _case(_good(next(names), vitimas=text))
    yield _case(_good(next(names), vitimas="9" * 19), "numero_invalido")


def _types(names: Iterator[str]) -> Iterator[Case]:
    for name in FIELD_NAMES:
        for other in _OTHER_TYPES:
            own = next(names)
            reasons = ("tipo_errado", "id_ausente") if name == "id" else ("tipo_errado",)
            yield _case(_good(own, **{name: other}), *reasons, key=own.encode())


def _structure(names: Iterator[str]) -> Iterator[Case]:
    for name in FIELD_NAMES:
        own = next(names)
        text = json.dumps(_good(own))
        yield Case(
            own.encode(),
            f'{text[:-1]}, "{name}": {json.dumps(_good(own)[name])}}}'.encode(),
            frozenset({"campo_repetido"}),
        )
    whole = json.dumps(_good(next(names)))
    for cut in range(0, len(whole), 3):
        yield Case(next(names).encode(), whole[:cut].encode(), frozenset({"json_invalido"}))
    for text in ("[]", '"x"', "1", "null", "true", "[{}]"):
        yield Case(next(names).encode(), text.encode(), frozenset({"json_nao_objeto"}))
    for junk in (
        "NaN",
        "-Infinity",
        "Inf",
        "01",
        "1.",
        "'x'",
        "nul",
        "[1,]",
        "{,}",
        "/**/1",
        '"\\x"',
        '"\\u12"',
        '"\n"',
    ):
        yield _unknown(next(names), junk, "json_invalido")
    for fine in ("1e999", "-0", "9" * 5_000, '"\\ud800"', '{"a": 1, "a": 2}', "[" * 99 + "]" * 99):
        yield _unknown(next(names), fine)
    for depth in (100, 500, 5_000, 100_000):
        yield _unknown(next(names), "[" * depth + "]" * depth, "json_invalido")
        yield _unknown(next(names), "[" * depth, "json_invalido")
        yield _unknown(next(names), '{"a":' * depth + "1" + "}" * depth, "json_invalido")


def _unknown(name: str, text: str, *reasons: str) -> Case:
    """A value in a field the contract does not know."""
    fields = _good(name)
    return Case(
        name.encode(),
        f'{json.dumps(fields)[:-1]}, "novo": {text}}}'.encode(),
        frozenset(reasons),
        None if reasons else fields,
    )


def _bytes(names: Iterator[str]) -> Iterator[Case]:
    chance = random.Random(2026)
    for bad in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xc0\xaf"):
        for _ in range(30):
            own = next(names)
            whole = json.dumps(_good(own)).encode()
            place = chance.randrange(len(whole) + 1)
            yield Case(own.encode(), whole[:place] + bad + whole[place:], frozenset({"utf8_invalido"}))
    latin = json.dumps(_good("ignorado"), ensure_ascii=False).encode("latin-1")
    yield Case(b"ignorado", latin, frozenset({"utf8_invalido"}))
    yield Case(b"bom", b"\xef\xbb\xbf" + json.dumps(_good("bom")).encode(), frozenset({"json_invalido"}))


def _surrogates(names: Iterator[str]) -> Iterator[Case]:
    for name in FIELD_NAMES:
        for text in ("\ud800", "a\udfff", "\udc00\ud800"):
            own = next(names)
            reasons = ("texto_recusado", "id_ausente") if name == "id" else ("texto_recusado",)
            yield _case(_good(own, **{name: text}), *reasons, key=own.encode())


def _identities(names: Iterator[str]) -> Iterator[Case]:
    for blank in ("", " ", "\t\n", "\u3000", "\xa0", "\x1f"):
        yield _case(_good(blank), "id_ausente")
        yield _case(_good(next(names)), "chave_diferente", key=blank.encode())
    for other in (b"x", b"\xff", b"C0", "\u202e".encode()):
        yield _case(_good(next(names)), "chave_diferente", key=other)
    own = _good(next(names))
    yield Case(None, json.dumps(own).encode(), frozenset({"chave_diferente"}))
    yield Case(None, json.dumps(_good("x") | {"id": None}).encode(), frozenset({"id_ausente"}))
    yield Case(b"x", json.dumps({k: v for k, v in own.items() if k != "id"}).encode(), frozenset({"id_ausente"}))
    yield Case(b"so", b'{"id":"so"}', fields={"id": "so"})
    for size, reasons in ((65_535, ()), (65_536, ("texto_recusado",)), (70_000, ("texto_recusado",))):
        yield _case(_good("g" * size), *reasons)
    yield _case(_good("h" * 70_000), "texto_recusado", "chave_diferente", key=b"h")


def _deletions(names: Iterator[str]) -> Iterator[Case]:
    for _ in range(20):
        yield Case(next(names).encode(), None)
    for key, reason in (
        (None, "id_ausente"), (b"", "id_ausente"), (b" \t", "id_ausente"), (b"\xff\xfe", "utf8_invalido"),
        (b"k" * 70_000, "texto_recusado"),
    ):  # fmt: skip
        yield Case(key, None, frozenset({reason}))


def _sizes(names: Iterator[str]) -> Iterator[Case]:
    for over, reasons in ((-1, ()), (0, ()), (1, ("registro_grande",)), (MIB, ("registro_grande",))):
        own = next(names)
        room = MIB - len(json.dumps(_good(own, municipio="")))
        yield _case(_good(own, municipio="m" * (room + over)), *reasons)
    # What is over the limit is not looked into.
    yield Case(b"qualquer", b"{" * (MIB + 1), frozenset({"registro_grande"}))
    yield Case(None, b"\xff" * (MIB + 1), frozenset({"registro_grande"}))


def _contradictions(names: Iterator[str]) -> Iterator[Case]:
    yield _case(_good(next(names), mes_ano="02/2024"), "mes_ano_contraditorio")
    yield _case(_good(next(names), mes_ano="01/2023"), "mes_ano_contraditorio")
    yield _case(_good(next(names), uf_nome="Bahia"), "uf_nome_contraditorio")
    yield _case(_good(next(names), uf="RJ", uf_nome="Rio de Janeiro"), "municipio_de_outra_uf")
    yield _case(_good(next(names), uf="RJ"), "uf_nome_contraditorio", "municipio_de_outra_uf")
    yield _case(_good(next(names), codigo_municipio="3550300"), "municipio_desconhecido")
    yield _case(_good(next(names), uf=None, uf_nome=None, mes_ano=None))


def _mixtures(names: Iterator[str]) -> Iterator[Case]:
    """Several faults at once: each leaves its reason."""
    chance = random.Random(7)
    faults: dict[str, tuple[Any, str]] = {
        "vitimas": ("-1", "numero_invalido"), "ano": ("24", "ano_invalido"), "mes": ("13", "mes_invalido"),
        "mes_ano": ("x", "mes_ano_invalido"),
        "uf_nome": ("Guanabara", "uf_desconhecida"), "codigo_municipio": ("1", "municipio_desconhecido"),
        "estupro": (3, "tipo_errado"),
        "municipio": ("\ud800", "texto_recusado"),
    }  # fmt: skip
    for _ in range(300):
        some = chance.sample(sorted(faults), chance.randint(0, 4))
        own, stranger = next(names), chance.random() < 0.3
        reasons = [faults[name][1] for name in some] + (["chave_diferente"] if stranger else [])
        yield _case(
            _good(own, **{name: faults[name][0] for name in some}), *reasons, key=b"outra" if stranger else own.encode()
        )
