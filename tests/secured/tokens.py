"""A token endpoint over TLS (OAuth 2 client credentials), and the broker's file of the keys it signs with."""

import base64
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from sinesp_stack.settings import HOST
from tests.secured.authority import Authority
from tests.secured.front import _context

AUDIENCE = "sinesp-kafka"
CLIENT_ID, CLIENT_SECRET = "sinesp-pipeline", "s3gredo+do/cliente=="


class TokenIssuer:
    """Tokens for one client, by its id and secret."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.keys = folder / "jwks.json"
        public = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        self.keys.write_text(json.dumps({"keys": [{**public, "kid": "1", "use": "sig", "alg": "RS256"}]}))
        self.issued: list[str] = []
        self._server = _Server(self, authority)
        self.url = f"https://{HOST}:{self._server.server_port}/token"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def token(self) -> str:
        """Ten minutes of access."""
        now = int(time.time())
        claims = {"sub": CLIENT_ID, "aud": AUDIENCE, "iat": now, "exp": now + 600, "scope": "kafka"}
        self.issued.append(jwt.encode(claims, self.key, "RS256", headers={"kid": "1"}))
        return self.issued[-1]


class _Server(ThreadingHTTPServer):
    def __init__(self, issuer: TokenIssuer, authority: Authority) -> None:
        super().__init__((HOST, 0), _Handler)
        self.issuer = issuer
        self.socket = _context(authority.issue("tokens", HOST), []).wrap_socket(self.socket, server_side=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        known = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if self.headers["Authorization"] == f"Basic {known}" and form["grant_type"] == ["client_credentials"]:
            self._answer(200, {"access_token": self.server.issuer.token(), "token_type": "Bearer", "expires_in": 600})
        else:
            self._answer(401, {"error": "invalid_client"})

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent."""
