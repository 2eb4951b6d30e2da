"""Ten thousand requests nobody should send: each is answered with 2xx, 3xx or 4xx, none with a trace, none in vain."""

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.unit.api_app import Client, client_of, sample_app

SEED = 20_260_712
REQUESTS = 10_000
NAUGHTY = [
    "", " ", "\0", "\r\nSet-Cookie: a=b", "%0d%0aX: y", "'", '"', "' OR '1'='1", "1; DROP TABLE tb_por_lugar",
    "${7*7}", "{{7*7}}", "<script>alert(1)</script>", "../../etc/passwd", "..%2f..%2f", "file:///etc/passwd",
    "NaN", "Infinity", "-1", "0", "1e9", "99999999999999999999999", "0x10", "１２３", "٢٠٢٤", "true", "null",
    "undefined", "[]", "{}", "[object Object]", "\ufeff", "\u202e", "\u2028", "𝕊ℙ", "İ", "ß", "a\u0301",
    "\ud83d\ude00", "🇧🇷", "A" * 300, "9" * 300, "%", "%%", "%zz", "+", "&", "SP,", ",SP", "SP,,RJ", "SP\0",
    "sp ", "3550308\n", "2024-13", "2024-00", "0000-01", "9999-12", "2024-02-30", "-2024-01",
    "2024-01-01T00:00:00Z", 'W/"2-x"', "*", "; DROP KEYSPACE", "\\", "\\u0000", "eyJhbGciOiJub25lIn0.e30.",
    "AAAA", "=1+1",
]  # fmt: skip
SANE = {
    "fonte": ["sinesp-vde", "sinesp-uf", "sinesp-municipio"],
    "nivel": ["municipio", "estado", "regiao", "brasil", "outro"],
    "codigo": ["SP", "35", "BR", "3", "3550308", "35-PF", "SP,RJ", "3500000"],
    "tipo_crime": ["homicidio_doloso", "estupro", "homicidio_doloso,latrocinio", "roubo_carga"],
    "uf": ["SP", "ac", "RJ"],
    "ano": ["2024", "2015", "2100"],
    "mes": ["1", "12"],
    "unidade": ["vitimas", "ocorrencias"],
    "medida": ["contagem", "taxa"],
    "janela": ["mes", "ano", "12m"],
    "inicio": ["2024-01", "2001-01"],
    "fim": ["2024-12", "2030-12"],
    "em": ["2024-06-01", "2100-12-31", "2001-01-01"],
    "versao": ["1", "2", "3", str(2**53)],
    "limite": ["1", "5000"],
    "cursor": ["AAAA", "_-"],
    "populacao_min": ["10000", "50000000"],
    "ordem": ["maior", "menor"],
    "desde": ["2024-01-01"],
    "busca": ["sao", "ã"],
    "formato": ["json", "csv", "csv-excel", "parquet", "arrow"],
    "x": ["1"],
}
PATHS = [
    "series", "ocorrencias", "mapa", "ranking", "cobertura", "versoes", "versoes/1", "versoes/2", "revisoes",
    "arquivos/2", "ufs", "municipios", "regioes", "tipos-crime", "fontes", "saude", "pronto", "openapi.json",
    "docs", "docs/start.js", "",
]  # fmt: skip
RAW = [
    "%ff%fe=1", "a=%C0%AF", "=", "&&", "tipo_crime", "tipo_crime=%00", "ano=%EF%BC%91", ";;", "codigo=%ED%A0%80",
    "q=" + "a" * 6_000,
]  # fmt: skip
ACCEPTS = ["*/*", "text/csv", "text/html", "", ";q=x", "application/json;q=0", "a" * 500, "text/csv;q=nan"]
METHODS = ["GET"] * 30 + ["HEAD"] * 4 + ["OPTIONS", "POST", "PUT", "DELETE", "TRACE"]


@pytest.fixture
def api() -> Iterator[Client]:
    with client_of(sample_app()) as client:
        yield client


def hostile_requests(seed: int, count: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and options; the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        yield chance.choice(METHODS), _target(chance), _options(chance)


def _target(chance: random.Random) -> str:
    path = chance.choice(PATHS)
    if chance.random() < 0.1:
        path += "/" + quote(chance.choice(NAUGHTY), safe="/%" if chance.random() < 0.5 else "", errors="surrogatepass")
    names = chance.choices(sorted(SANE), k=chance.randint(0, 7))
    if chance.random() < 0.7:
        names += ["tipo_crime", "ano"]
    pairs = [(n, chance.choice(SANE[n] if chance.random() < 0.75 else NAUGHTY)) for n in names]
    if chance.random() < 0.1:
        pairs.append((chance.choice(NAUGHTY), chance.choice(NAUGHTY)))
    query = urlencode(pairs, errors="surrogatepass") if chance.random() < 0.9 else "&".join(chance.choices(RAW, k=3))
    return f"/api/v1/{path}?{query}" if query else f"/api/v1/{path}"


def _options(chance: random.Random) -> dict[str, Any]:
    headers = {}
    if chance.random() < 0.3:
        headers["Accept"] = chance.choice(ACCEPTS)
    if chance.random() < 0.2:
        headers["If-None-Match"] = chance.choice(["*", 'W/"2-x"', '"', ",", "W/", "a" * 5_000])
    if chance.random() < 0.1:
        headers["X-Forwarded-For"] = chance.choice(["1.2.3.4", "::1", "nonsense", "," * 100, "1.2.3.4, " * 300])
    if chance.random() < 0.05:
        headers[f"X-{chance.randint(0, 9)}"] = "b" * chance.choice([10, 9_000, 20_000])
    options: dict[str, Any] = {"headers": headers}
    if chance.random() < 0.03:
        options["content"] = b"x" * chance.choice([1, 100_000])
    return options


def test_ten_thousand_hostile_requests_are_answered(api: Client) -> None:
    statuses: Counter[int] = Counter()
    for method, target, options in hostile_requests(SEED, REQUESTS):
        response = api.get(target, method=method, **options)
        statuses[response.status_code] += 1
        assert 200 <= response.status_code < 500, f"{method} {target[:300]} {response.status_code}"
        assert "Traceback" not in response.text[:20_000]
        assert not any("\n" in v or "\r" in v for v in response.headers.values())
        assert "set-cookie" not in response.headers
    assert sum(statuses.values()) == REQUESTS
    assert {200, 304, 400, 404, 405, 406, 413, 414, 422, 431} <= set(statuses), statuses
    assert statuses[200] > REQUESTS // 20, statuses
