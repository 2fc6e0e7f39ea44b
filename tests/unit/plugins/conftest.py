# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small HTTP server that answers as a test says, for what no well-behaved server would do."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.tests.unit import helpers

# A client that no limit ends waits this long, in seconds, and not for ever.
_LONGEST_HOLD = 300


@dataclass
class Call:
    """One request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    connection: Any
    content: bytes = b""

    @property
    def body(self) -> Any:
        return json.loads(self.content) if self.content else None

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)


@dataclass
class Reply:
    """What to answer: a body of bytes is sent as it is, anything else as JSON."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    # Whether the answer comes only once the server's C(released) is set.
    held: bool = False
    reset: bool = False
    missing_bytes: int = 0

    def payload(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Any

    def setup(self) -> None:
        super().setup()
        with self.server.lock:
            self.server.connections += 1

    def do_GET(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = Call(self.command, self.path, self.headers, self.connection, content)
        with self.server.lock:
            self.server.calls.append(call)
            reply = self.server.next_reply(call)
        if reply.held:
            self.server.released.wait(_LONGEST_HOLD)
        if reply.reset:
            self._reset()
            return
        body = b"" if reply.status == 204 else reply.payload()
        self.send_response(reply.status)
        if reply.status != 204:
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(body) + reply.missing_bytes))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.close_connection or bool(reply.missing_bytes)

    do_POST = do_PUT = do_CONNECT = do_GET

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        pass


class ScriptedServer(ThreadingHTTPServer):
    """Answers what C(script) says: a list whose last reply is repeated, or a function of the call."""

    daemon_threads = True

    def __init__(self, certificate: Any = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.Lock()
        self.calls: list[Call] = []
        self.connections = 0
        self.released = threading.Event()
        self.script: list[Reply] | Callable[[Call], Reply] = [Reply([])]
        self.scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.scheme = "https"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def origin(self) -> str:
        return f"{self.scheme}://localhost:{self.port}"

    def next_reply(self, call: Call) -> Reply:
        if callable(self.script):
            return self.script(call)
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def answer(self, *replies: Reply) -> None:
        self.script = list(replies)

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass

    def close(self) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()

    def params(self, **given: Any) -> dict[str, Any]:
        return helpers.open_params(self, **given)

    def client(self, **given: Any) -> Client:
        return helpers.client(self, **given)


@pytest.fixture
def reply() -> type[Reply]:
    return Reply


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    server = ScriptedServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, str]:
    """A CA and the path of its PEM file."""
    import trustme

    path = Path(tmp_path_factory.mktemp("authority"), "ca.pem")
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(path))
    return ca, str(path)


@pytest.fixture(scope="session")
def certificate(authority: tuple[Any, str]) -> Any:
    return authority[0].issue_cert("localhost")


@pytest.fixture
def scripted_over_tls(scripted: ScriptedServer) -> Iterator[Callable[[Any], ScriptedServer]]:
    """Starts a server with a certificate of the test's choice."""
    servers: list[ScriptedServer] = []

    def start(certificate: Any) -> ScriptedServer:
        servers.append(ScriptedServer(certificate))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def scripted_tls(scripted: ScriptedServer, certificate: Any) -> Iterator[ScriptedServer]:
    # After the other one, which clears the environment.
    server = ScriptedServer(certificate)
    yield server
    server.close()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How many seconds each pause would have taken; nobody sleeps."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    return pauses
