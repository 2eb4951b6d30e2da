"""What stands before a server: takes connections at another address or with another certificate, and hands them on."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from tests.secured.authority import Identity

_PIECE = 65_536


def _context(identity: Identity, protocols: list[str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.both)
    if protocols:
        context.set_alpn_protocols(protocols)
    return context


@contextmanager
def front(
    server: tuple[str, int], identity: Identity | None = None, host: str = "127.0.0.1", protocols: tuple[str, ...] = ()
) -> Iterator[tuple[str, int]]:
    """The address of a front. With an identity it speaks TLS and the server behind it does not (but see `protocols`).

    Without one the bytes pass as they are.
    """
    context = _context(identity, list(protocols)) if identity else None
    with socket.create_server((host, 0)) as listener:
        Thread(target=_accept, args=(listener, server, context), daemon=True).start()
        try:
            yield listener.getsockname()
        finally:
            # Closing alone does not wake a thread that waits in accept.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, server: tuple[str, int], context: ssl.SSLContext | None) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = listener.accept()
            Thread(target=_serve, args=(client, server, context), daemon=True).start()


def _serve(client: socket.socket, server: tuple[str, int], context: ssl.SSLContext | None) -> None:
    try:
        near = context.wrap_socket(client, server_side=True) if context else client
        far = socket.create_connection(server, timeout=10)
    except OSError:  # a client that does not like the certificate
        client.close()
        return
    far.settimeout(None)
    Thread(target=_copy, args=(near, far), daemon=True).start()
    _copy(far, near)


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(_PIECE):
            target.sendall(piece)
    except OSError:
        pass
    finally:
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
