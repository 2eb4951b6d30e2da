"""Bytes no client would send, on a socket of the running API: refused or cut off, and the next request is answered."""

import random
import socket
from contextlib import suppress

import psutil
import pytest

from tests.api.service import Service, lines

SEED = 20_260_712
REQUEST = (
    b"GET /api/v1/series?tipo_crime=homicidio_doloso&codigo=SP HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n"
    b"Connection: close\r\n\r\n"
)
NONSENSE = [
    b"\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100,
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET http://[::1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"GET /api/v1/ufs\0 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"GET /api/v1/ufs?\xff\xfe=\xc3\x28 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"GET /api/v1/ufs HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\nConnection: close\r\n\r\n",
    b"GET /api/v1/ufs HTTP/1.1\r\nHost: a\r\nX\0: a\r\nConnection: close\r\n\r\n",
    b"GET /api/v1/ufs HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 70_000 + b"\r\nConnection: close\r\n\r\n",
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"GET /api/v1/ufs HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x",
    b"GET /api/v1/ufs HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"POST /api/v1/ufs HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\nx",
    b"GET /api/v1/ufs HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]


def damaged(seed: int, count: int) -> list[bytes]:
    """A sound request with bytes changed, put in or taken out."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        text = bytearray(REQUEST)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(text) - 4)
            text[at : at + chance.randint(0, 2)] = bytes(chance.randrange(256) for _ in range(chance.randint(0, 3)))
        found.append(bytes(text))
    return found


def answer_to(port: int, sent: bytes, patience: float = 0.25) -> bytes:
    """What comes back until the server ends the connection, or says nothing for so many seconds."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.settimeout(patience)
        found = b""
        try:
            connection.sendall(sent)
            while len(found) < 100_000 and (chunk := connection.recv(65_536)):
                found += chunk
        except (TimeoutError, ConnectionError):
            pass  # it waits for the rest of the request, or has had enough
        return found


@pytest.mark.timeout(600)
def test_bytes_nobody_should_send_end_in_a_refusal(api: Service) -> None:
    port = int(api.url.rpartition(":")[2])
    for sent in [*NONSENSE, *damaged(SEED, 200)]:
        found = answer_to(port, sent)
        assert not found or found.startswith((b"HTTP/1.1 2", b"HTTP/1.1 4", b"HTTP/1.0 ")), (sent[:200], found[:200])
        assert b"Traceback" not in found
    assert answer_to(port, REQUEST, 10).startswith(b"HTTP/1.1 200")
    text = api.log.read_text()
    assert "Traceback" not in text
    assert "Erro interno" not in text
    assert all(200 <= line["status"] < 500 for line in lines(api.log))


def test_a_head_without_an_end_is_cut_off_and_never_kept_whole(api: Service) -> None:
    port = int(api.url.rpartition(":")[2])
    assert answer_to(port, REQUEST, 10).startswith(b"HTTP/1.1 200")  # what a first answer loads is there
    before = psutil.Process(api.process.pid).memory_info().rss
    sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"GET /api/v1/ufs HTTP/1.1\r\nHost: a\r\n")
        with suppress(ConnectionError):
            while sent < 50_000_000:
                connection.sendall(b"X: " + b"a" * 9_990 + b"\r\n")
                sent += 10_000
    assert sent < 50_000_000
    assert psutil.Process(api.process.pid).memory_info().rss - before < 20_000_000
    assert answer_to(port, REQUEST, 10).startswith(b"HTTP/1.1 200")
