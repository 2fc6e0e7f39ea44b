# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kerberos against a key distribution centre of its own; skipped where that cannot be had."""

from __future__ import annotations

import base64
import http.client
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import spnego
from mimcm_simulator.bindings import end_point
from mimcm_simulator.launch import Running, running
from mimcm_simulator.realm import missing
from mimcm_simulator.realm import realm as a_realm
from spnego.channel_bindings import GssChannelBindings

pytest.importorskip("gssapi")
pytest.importorskip("krb5")
if missing():
    pytest.skip(f"MIT Kerberos is not installed: {', '.join(missing())}", allow_module_level=True)

PATH = "/CertificateManagement/api/v1.0/requests"


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with a_realm(tmp_path_factory.mktemp("realm")) as variables, pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        yield


def connect(server: Running, context: ssl.SSLContext | None = None) -> http.client.HTTPConnection:
    port = urlsplit(server.origin).port
    if context:
        return http.client.HTTPSConnection("localhost", port, context=context, timeout=5)
    return http.client.HTTPConnection("localhost", port, timeout=5)


def call(connection: http.client.HTTPConnection, header: str = "") -> tuple[int, str]:
    connection.request("GET", PATH, headers={"Authorization": header} if header else {})
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.headers.get("WWW-Authenticate", "")


def log_on(connection: http.client.HTTPConnection, protocol: str, bindings: GssChannelBindings | None = None) -> int:
    client = spnego.client("alice", None, "localhost", "HTTP", channel_bindings=bindings, protocol=protocol)
    status, challenge = call(connection, f"Negotiate {base64.b64encode(client.step() or b'').decode()}")
    if status == 200:
        # The server proves itself too.
        client.step(base64.b64decode(challenge.partition(" ")[2]))
        assert client.complete
    return status


@pytest.mark.parametrize("protocol", ["kerberos", "negotiate"])
@pytest.mark.parametrize(("options", "afterwards"), [((), 401), (("--persist-kerberos",), 200)])
def test_per_request(realm: None, protocol: str, options: tuple[str, ...], afterwards: int) -> None:
    with running("--auth", "kerberos", *options) as server:
        connection = connect(server)
        assert log_on(connection, protocol) == 200
        assert call(connection)[0] == afterwards


@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize("protocol", ["kerberos", "negotiate"])
def test_channel_bindings(realm: None, tmp_path: Path, protocol: str, required: bool) -> None:
    authority = tmp_path / "ca.pem"
    more = ("--require-channel-bindings",) if required else ()
    with running("--auth", "kerberos", "--tls", "--ca-file", str(authority), *more) as server:
        context = ssl.create_default_context(cafile=str(authority))
        pem = ssl.get_server_certificate(("localhost", urlsplit(server.origin).port or 0))
        good = GssChannelBindings(application_data=end_point(pem.encode()))
        wrong = GssChannelBindings(application_data=b"tls-server-end-point:" + bytes(32))
        assert log_on(connect(server, context), protocol, good) == 200
        assert log_on(connect(server, context), protocol, wrong) == 401
        assert log_on(connect(server, context), protocol) == (401 if required else 200)
