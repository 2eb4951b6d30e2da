"""Ten thousand requests nobody should send: each is answered with 2xx, 3xx or 4xx, none with a trace, none in vain."""

import json
import logging
import random
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from sinesp_api.examples import EXAMPLES
from sinesp_api.measures import UNKNOWN_ROUTE
from tests.unit.api_app import Client, client_of, sample_app, write_bulk

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
    "docs", "docs/start.js", "", "arquivos/2/sinesp-vde-homicidio_doloso-2024.csv",
    "arquivos/2/sinesp-vde-homicidio_doloso-2024.parquet", "arquivos/9/../2/indice.json",
]  # fmt: skip
RAW = [
    "%ff%fe=1", "a=%C0%AF", "=", "&&", "tipo_crime", "tipo_crime=%00", "ano=%EF%BC%91", ";;", "codigo=%ED%A0%80",
    "q=" + "a" * 6_000,
]  # fmt: skip
ACCEPTS = ["*/*", "text/csv", "text/html", "", ";q=x", "application/json;q=0", "a" * 500, "text/csv;q=nan"]
ROUTES = {*EXAMPLES, "/docs", "/docs/{name}", "/openapi.json", "/problemas", "/", UNKNOWN_ROUTE}
METHODS = ["GET"] * 30 + ["HEAD"] * 4 + ["OPTIONS", "POST", "PUT", "DELETE", "TRACE"]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Client]:
    write_bulk(tmp_path, 2, "sinesp-vde-homicidio_doloso-2024.csv", b"a,b\n1,2\n")
    with client_of(sample_app(state=tmp_path.as_uri())) as client:
        yield client


def forged(api: Client) -> list[str]:
    """A cursor of ours, and what somebody may make of it."""
    link = api.get("/ocorrencias?tipo_crime=homicidio_doloso&ano=2024&limite=1").json()["links"]["proxima"]
    (cursor,) = parse_qs(urlsplit(link).query)["cursor"]
    plain = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    changed = [plain[:-1] + b"\0", b"\0" + plain, plain.replace(b"35", b"33"), plain[:20], plain * 3]
    changed += [b"{}", b"\x80\x04."]
    return [cursor, cursor[::-1], cursor + "A", *(urlsafe_b64encode(c).decode().rstrip("=") for c in changed)]


def hostile_requests(seed: int, count: int, cursors: list[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and options; the same for the same seed."""
    chance = random.Random(seed)
    sane = {**SANE, "cursor": cursors}
    for _ in range(count):
        yield chance.choice(METHODS), _target(chance, sane), _options(chance)


def _target(chance: random.Random, sane: dict[str, list[str]]) -> str:
    path = chance.choice(PATHS)
    if chance.random() < 0.1:
        path += "/" + quote(chance.choice(NAUGHTY), safe="/%" if chance.random() < 0.5 else "", errors="surrogatepass")
    names = chance.choices(sorted(sane), k=chance.randint(0, 7))
    if chance.random() < 0.7:
        names += ["tipo_crime", "ano"]
    pairs = [(n, chance.choice(sane[n] if chance.random() < 0.75 else NAUGHTY)) for n in names]
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


def test_ten_thousand_hostile_requests_are_answered(api: Client, caplog: pytest.LogCaptureFixture) -> None:
    document = api.app.inner.openapi()["paths"]
    forms = [(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), document[path]["get"]) for path in document]
    statuses: Counter[int] = Counter()
    with caplog.at_level(logging.INFO, "sinesp.acesso"):
        for method, target, options in hostile_requests(SEED, REQUESTS, forged(api)):
            response = api.get(target, method=method, **options)
            statuses[response.status_code] += 1
            asked = f"{method} {target[:300]} {response.status_code}"
            assert 200 <= response.status_code < 500, asked
            assert "Traceback" not in response.text[:20_000]
            assert not any("\n" in v or "\r" in v for v in response.headers.values())
            assert "set-cookie" not in response.headers
            told = next((said for form, said in forms if form.fullmatch(response.url.path)), None)
            if told is not None and method in {"GET", "HEAD"}:
                assert str(response.status_code) in told["responses"], asked
    assert sum(statuses.values()) == REQUESTS
    assert {200, 304, 400, 404, 405, 406, 413, 414, 422, 431} <= set(statuses), statuses
    assert statuses[200] > REQUESTS // 20, statuses
    lines = [record.getMessage() for record in caplog.records if record.name == "sinesp.acesso"]
    assert len(lines) == REQUESTS + 1
    assert {json.loads(line)["rota"] for line in lines} <= ROUTES  # never a raw path: figures are grouped by it
    assert max(map(len, lines)) < 4_000
    assert not any("\n" in line for line in lines)
