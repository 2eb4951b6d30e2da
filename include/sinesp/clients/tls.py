"""What two sides of a TLS connection show each other: as text, for a path means nothing on another machine."""

import ssl
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sinesp.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_PEM_SIGN: Final = "-----BEGIN "


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM text: certificates we trust, and our own certificate (its chain after it) with its key, or neither.

    Without `ca` whom the system trusts is trusted. The key is PKCS #8, not encrypted: the one form every client takes.
    """

    ca: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    check_host: bool = True

    def context(self) -> ssl.SSLContext:
        """For clients that use Python's TLS."""
        context = ssl.create_default_context(cadata=self.ca or None)
        context.check_hostname = self.check_host
        if self.certificate:
            # The module takes an identity from a file alone; the folder is its owner's, and gone at once.
            with tempfile.TemporaryDirectory() as folder:
                identity = Path(folder) / "identity.pem"
                identity.write_text(f"{self.key}\n{self.certificate}", encoding="ascii")
                context.load_cert_chain(identity)
        return context


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """As people give it: each a path or the PEM text itself. `owner` is the service, for the messages."""

    owner: str
    ca: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def read(self, *, check_host: bool = True) -> Tls:
        """Read them now: a file that was renewed is used by whoever reads it next.

        Raises:
            ConfigurationError: one is missing, unreadable or expired, or the key is not the certificate's.
        """
        ca = self._pem("o certificado da CA", self.ca)
        if ca:
            self._refuse_expired("o certificado da CA", self.ca, max(self._parsed(self.ca, ca), key=_end))
        if bool(self.certificate) != bool(self.key):
            raise self._refusal("o certificado do cliente e a chave dele vêm juntos; só um foi configurado")
        if not self.certificate:
            return Tls(ca, check_host=check_host)
        chain = self._pem("o certificado do cliente", self.certificate)
        own = self._parsed(self.certificate, chain)[0]
        self._refuse_expired("o certificado do cliente", self.certificate, own)
        return Tls(ca, chain, self._key_of(own), check_host)

    def _pem(self, what: str, value: str) -> str:
        if not value or value.lstrip().startswith(_PEM_SIGN):
            return value
        try:
            return Path(value).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise self._refusal(f"{what} não pôde ser lido em {value} ({error})") from error

    def _parsed(self, value: str, pem: str) -> "list[Certificate]":
        from cryptography.x509 import load_pem_x509_certificates

        try:
            return load_pem_x509_certificates(pem.encode())
        except ValueError as error:
            raise self._refusal(f"{_shown(value)} não tem um certificado PEM ({error})") from error

    def _refuse_expired(self, what: str, value: str, certificate: "Certificate") -> None:
        if _end(certificate) < datetime.now(UTC):
            raise self._refusal(f"{what} ({_shown(value)}) venceu em {_end(certificate):%d/%m/%Y %H:%M} UTC; renove-o")

    def _key_of(self, certificate: "Certificate") -> str:
        from cryptography.hazmat.primitives import serialization as form

        pem = self._pem("a chave do cliente", self.key)
        try:
            key = form.load_pem_private_key(pem.encode(), self.password.encode() or None)
        except (TypeError, ValueError) as error:  # without the password, with a superfluous or a wrong one, no key
            raise self._refusal(f"a chave {_shown(self.key)} não pôde ser aberta; confira a senha dela") from error
        if key.public_key() != certificate.public_key():
            raise self._refusal(f"a chave {_shown(self.key)} não é a do certificado {_shown(self.certificate)}")
        return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()).decode()

    def _refusal(self, text: str) -> ConfigurationError:
        return ConfigurationError(f"TLS do {self.owner}: {text}.")


def _end(certificate: "Certificate") -> datetime:
    return certificate.not_valid_after_utc


def _shown(value: str) -> str:
    """A path; of PEM text, which may be a key, nothing."""
    return "dado como texto" if value.lstrip().startswith(_PEM_SIGN) else value
