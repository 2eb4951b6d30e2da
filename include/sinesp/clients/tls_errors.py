"""What a failed TLS handshake means, and who is to act: the server, whom we trust, or who we are."""

import socket
from typing import Final

from sinesp.clients.tls import Tls

EXPIRED: Final = (
    "apresentou um certificado vencido, ou que ainda não vale. Renove-o no servidor; se não venceu, acerte os relógios."
)
OTHER_HOST: Final = (
    "apresentou um certificado que não é deste endereço. Use um endereço que o certificado nomeia (SAN), ou emita-o "
    "com este."
)
OTHER_ISSUER: Final = (
    "apresentou um certificado que não é da CA configurada. Confira a CA e, se ela está certa, quem responde neste "
    "endereço."
)
OURS: Final = (
    "recusou este cliente: exige um certificado, e não recebeu nenhum ou não aceita o que recebeu (outra CA, vencido). "
    "Configure certificado e chave do cliente."
)
DISAGREED: Final = (
    "não aceitou o TLS deste cliente: ele mesmo não tem certificado, exige um do cliente, ou quer outra versão ou "
    "cifra. O log do servidor diz qual."
)
NO_TLS: Final = "não fala TLS nesta porta. Confira a porta, ou configure a conexão sem TLS."

_SIGNS: Final = (
    ("certificate has expired", EXPIRED),
    ("certificate is not yet valid", EXPIRED),
    ("validity check failed", EXPIRED),
    ("notafter:", EXPIRED),
    ("mismatch", OTHER_HOST),
    ("does not match", OTHER_HOST),
    ("no subject alternative", OTHER_HOST),
    ("alert_handshake_failure", DISAGREED),
    ("alert_protocol_version", DISAGREED),
    ("alert: handshake_failure", DISAGREED),
    ("alert: protocol_version", DISAGREED),
    ("_alert_", OURS),
    ("received fatal alert", OURS),
    ("post-handshake", OURS),
    ("wrong_version_number", NO_TLS),
    ("certificate verify failed", OTHER_ISSUER),
    ("error verifying peer certificate", OTHER_ISSUER),
    ("pkix path", OTHER_ISSUER),
)
"""OpenSSL's words and Java's, as their clients hand them on; the last ones say what no other has said."""

_SECONDS: Final = 3.0


def advice_in(text: str) -> str | None:
    """What is said of the server, and what to change; None if the text says nothing of certificates."""
    lowered = text.lower()
    return next((advice for sign, advice in _SIGNS if sign in lowered), None)


def diagnose(host: str, port: int, tls: Tls, protocols: tuple[str, ...] = ()) -> str | None:
    """Why a handshake fails; None when it does not, or nobody answers. For clients that say less than that.

    Args:
        protocols: what the server is asked to speak (ALPN).
    """
    context = tls.context()
    if protocols:
        context.set_alpn_protocols(list(protocols))
    try:
        with (
            socket.create_connection((host, port), _SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            # Since TLS 1.3 a server judges our certificate after the handshake; one that is content waits for us.
            secure.recv(1)
    except OSError as error:  # ssl's errors, and the time-out of a server that is content, are of this kind
        return advice_in(str(error))
    return None
