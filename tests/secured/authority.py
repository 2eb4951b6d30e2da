"""A certificate authority of the test: what it issues, as files and as text."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization as form

YESTERDAY = timedelta(days=-1)


@dataclass(frozen=True)
class Identity:
    """A certificate and its key in files, apart and (for servers) in one."""

    certificate: Path
    key: Path
    both: Path


class Authority:
    """A CA with a folder for what it issues."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self._ca = trustme.CA(organization_name=name)
        self._folder = folder / name
        self._folder.mkdir(parents=True, exist_ok=True)
        self.file = self._write("ca.pem", self.pem)

    @property
    def pem(self) -> str:
        """The CA's own certificate."""
        return self._ca.cert_pem.bytes().decode()

    def issue(self, name: str, *hosts: str, ends_in: timedelta = timedelta(days=30), password: str = "") -> Identity:
        """A certificate for the hosts (or, for a client, any name), the key as PKCS #8."""
        now = datetime.now(UTC)
        leaf = self._ca.issue_cert(*hosts or (name,), not_before=now - timedelta(days=60), not_after=now + ends_in)
        chain = "".join(pem.bytes().decode() for pem in leaf.cert_chain_pems)
        key = form.load_pem_private_key(leaf.private_key_pem.bytes(), None)
        closed = form.BestAvailableEncryption(password.encode()) if password else form.NoEncryption()
        text = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, closed).decode()
        return Identity(
            self._write(f"{name}.crt", chain),
            self._write(f"{name}.key", text),
            self._write(f"{name}.pem", text + chain),
        )

    def _write(self, name: str, text: str) -> Path:
        path = self._folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="ascii")
        return path
