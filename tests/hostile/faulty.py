# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server on bare sockets that passes calls on to a real one, and misbehaves where a test says so."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Step = Callable[["Talk"], None]
"""What the server does next in a conversation."""


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Talk:
    """One connection."""

    def __init__(self, sock: socket.socket, stop: threading.Event) -> None:
        self.sock, self.stop = sock, stop
        self.open = True

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def wait(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise OSError("stopped")


def send(data: bytes) -> Step:
    return lambda talk: talk.send(data)


def drip(data: bytes, pause: float = 0.25) -> Step:
    def step(talk: Talk) -> None:
        for byte in data:
            talk.wait(pause)
            talk.send(bytes([byte]))

    return step


def flood(talk: Talk) -> None:
    for _piece in range(4000):
        talk.send(b" " * 65536)


def flood_of_100(talk: Talk) -> None:
    for _piece in range(1_000_000):
        talk.send(b"HTTP/1.1 100 Continue\r\n\r\n")


def hang(talk: Talk) -> None:
    """For longer than any test has patience; it ends with the server."""
    talk.wait(3600)


def close(talk: Talk) -> None:
    talk.open = False


def reset(talk: Talk) -> None:
    talk.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    talk.open = False


def answer(status: int, body: bytes = b"", *headers: str, reason: str = "Whatever") -> Step:
    """A complete answer."""
    length = [] if any(header.lower().startswith("transfer-encoding") for header in headers) else [len(body)]
    lines = [f"HTTP/1.1 {status} {reason}", *headers, *(f"Content-Length: {value}" for value in length), "", ""]
    return send("\r\n".join(lines).encode("latin-1") + body)


@dataclass
class Faulty:
    """The server; what it does may be changed while it runs.

    Args:
        upstream: The host and port of the real server.
        steps: What it does with a call that is not passed on.
        concerns: Which calls these are, given what arrived and how many calls came before; all of them by default.
    """

    upstream: str
    steps: tuple[Step, ...] = ()
    concerns: Callable[[Received, int], bool] = lambda received, before: True
    certificate: Any = None
    calls: list[Received] = field(default_factory=list)
    hurt: list[Received] = field(default_factory=list)
    port: int = 0
    connections: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{'https' if self.certificate else 'http'}://localhost:{self.port}"


@contextlib.contextmanager
def faulty(**given: Any) -> Iterator[Faulty]:
    """The server until the block ends."""
    server, stop = Faulty(**given), threading.Event()
    context = None
    if server.certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.certificate.configure_cert(context)
    with socket.create_server(("127.0.0.1", server.port)) as listener:
        server.port = listener.getsockname()[1]
        threading.Thread(target=_accept, args=(listener, server, context, stop), daemon=True).start()
        try:
            yield server
        finally:
            stop.set()
            for sock in (listener, *server.connections):
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, server: Faulty, context: ssl.SSLContext | None, stop: threading.Event) -> None:
    while True:
        try:
            sock, _peer = listener.accept()
        except OSError:
            return
        server.connections.append(sock)
        threading.Thread(target=_converse, args=(sock, server, context, stop), daemon=True).start()


def _converse(plain: socket.socket, server: Faulty, context: ssl.SSLContext | None, stop: threading.Event) -> None:
    with contextlib.suppress(OSError), plain:
        plain.settimeout(30)
        sock = context.wrap_socket(plain, server_side=True) if context else plain
        with sock:
            talk = Talk(sock, stop)
            reader = sock.makefile("rb")
            while talk.open and (received := _received(reader)):
                _respond(server, talk, received)
            reader.close()


def _received(reader: Any) -> Received | None:
    line = reader.readline()
    if not line.strip():
        return None
    method, path, _version = line.decode("latin-1").split(" ", 2)
    headers = {name.lower(): value for name, value in http.client.parse_headers(reader).items()}
    return Received(method, path, headers, reader.read(int(headers.get("content-length", 0))))


def _respond(server: Faulty, talk: Talk, received: Received) -> None:
    before = len(server.calls)
    server.calls.append(received)
    if not server.concerns(received, before):
        _pass_on(server.upstream, talk, received)
        return
    server.hurt.append(received)
    for step in server.steps:
        step(talk)


def _pass_on(upstream: str, talk: Talk, received: Received) -> None:
    connection = http.client.HTTPConnection(upstream, timeout=30)
    headers = {name: value for name, value in received.headers.items() if name in ("content-type", "accept")}
    connection.request(received.method, received.path, received.body or None, headers)
    reply = connection.getresponse()
    content = reply.read()
    connection.close()
    kind = reply.getheader("Content-Type")
    answer(reply.status, content, *([f"Content-Type: {kind}"] if kind else []))(talk)
