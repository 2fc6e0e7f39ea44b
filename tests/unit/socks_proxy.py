# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small SOCKS 5 proxy (RFC 1928, RFC 1929): CONNECT only, and every name is this host."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any


class SocksProxy(ThreadingTCPServer):
    """Connects whoever asks, with user name and password where some are set, or answers C(refusal) or C(nonsense)."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.login: tuple[str, str] | None = None
        self.refusal = 0
        self.nonsense = b""
        self.asked: list[tuple[str, int]] = []
        """The hosts and ports that were asked for."""

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class _Talk(StreamRequestHandler):
    server: SocksProxy

    def handle(self) -> None:
        methods = self.rfile.read(self.rfile.read(2)[1])
        if self.server.nonsense:
            self.wfile.write(self.server.nonsense)
            return
        method = 2 if self.server.login else 0
        if method not in methods:
            self.wfile.write(b"\x05\xff")
            return
        self.wfile.write(bytes([5, method]))
        if method and not self._known():
            self.wfile.write(b"\x01\x01")
            return
        kind = self.rfile.read(4)[3]
        host = self._text() if kind == 3 else socket.inet_ntoa(self.rfile.read(4))
        (port,) = struct.unpack(">H", self.rfile.read(2))
        self.server.asked.append((host, port))
        self.wfile.write(bytes([5, self.server.refusal, 0, 1]) + bytes(6))
        if not self.server.refusal:
            self._relay(socket.create_connection(("127.0.0.1", port)))

    def _known(self) -> bool:
        self.rfile.read(1)
        given = (self._text(), self._text())
        if given == self.server.login:
            self.wfile.write(b"\x01\x00")
        return given == self.server.login

    def _text(self) -> str:
        return self.rfile.read(self.rfile.read(1)[0]).decode()

    def _relay(self, there: socket.socket) -> None:
        back = threading.Thread(target=_copy, args=(there, self.connection), daemon=True)
        back.start()
        _copy(self.connection, there)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def socks_proxy() -> Iterator[SocksProxy]:
    with SocksProxy() as proxy:
        threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield proxy
        proxy.shutdown()
