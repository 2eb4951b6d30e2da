"""A web site on 127.0.0.1 that answers as it is told, in every way official sites have been seen to."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Site:
    """`answers` of a path are given in turn, the last one for ever; `requests` are what was asked, with the headers."""

    url: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def at(self, path: str, *answers: Answer) -> str:
        """Answer at a path; its URL."""
        self.answers[path] = list(answers)
        return f"{self.url}{path}"

    @property
    def ranges(self) -> list[tuple[str | None, str | None]]:
        """`Range` and `If-Range` of each request."""
        return [(headers.get("range"), headers.get("if-range")) for _, headers in self.requests]


@contextmanager
def serve() -> Iterator[Site]:
    """Run a site until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            answers = site.answers.get(self.path, [body(b"nada aqui", 404)])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            answer(self)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site = Site(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


def body(content: bytes, status: int = 200, **headers: str) -> Answer:
    """A whole answer. Header names are written with `_`."""
    return _answer(content, status, {"Content-Length": str(len(content)), **headers})


def endless(content: bytes) -> Answer:
    """A body whose length is not told: it ends when the connection does."""
    return _answer(content, 200, {"Connection": "close"})


def cut(content: bytes, after: int, **headers: str) -> Answer:
    """Promises the whole content and hangs up after some of it."""
    return _answer(content[:after], 200, {"Content-Length": str(len(content)), **headers})


def ranged(content: bytes, etag: str) -> Answer:
    """The rest, when the caller's part is of the same file; else the whole."""

    def give(handler: BaseHTTPRequestHandler) -> None:
        wanted = handler.headers.get("Range")
        if wanted is None or handler.headers.get("If-Range") != etag:
            body(content, ETag=etag)(handler)
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        place = f"bytes {start}-{len(content) - 1}/{len(content)}"
        body(content[start:], 206, ETag=etag, Content_Range=place)(handler)

    return give


def silent(handler: BaseHTTPRequestHandler) -> None:
    """Says nothing until the caller gives up."""
    handler.rfile.read(1)


def _answer(content: bytes, status: int, headers: dict[str, str]) -> Answer:
    def give(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return give
