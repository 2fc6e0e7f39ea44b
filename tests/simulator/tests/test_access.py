# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authentication: bearer tokens, and NTLM bound to the TCP connection."""

from __future__ import annotations

import base64
import hashlib
import http.client
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import spnego
from mimcm_simulator.launch import Running, running
from spnego.channel_bindings import GssChannelBindings

PATH = "/CertificateManagement/api/v1.0/requests"
USER = r"CORP\alice"
PASSWORD = "not-a-real-one"
NTLM = ("--auth", "ntlm,negotiate", "--user", rf"{USER}:{PASSWORD}")


@pytest.fixture(scope="module")
def ntlm() -> Iterator[Running]:
    with running(*NTLM) as server:
        yield server


def connect(server: Running, context: ssl.SSLContext | None = None) -> http.client.HTTPConnection:
    host = urlsplit(server.origin).netloc
    if context:
        return http.client.HTTPSConnection(host, context=context, timeout=5)
    return http.client.HTTPConnection(host, timeout=5)


def call(connection: http.client.HTTPConnection, header: str = "") -> tuple[int, list[str]]:
    connection.request("GET", PATH, headers={"Authorization": header} if header else {})
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.headers.get_all("WWW-Authenticate") or []


def log_on(
    connection: http.client.HTTPConnection,
    password: str = PASSWORD,
    scheme: str = "NTLM",
    bindings: GssChannelBindings | None = None,
) -> int:
    protocol = "ntlm" if scheme == "NTLM" else "negotiate"
    client = spnego.client(USER, password, "127.0.0.1", "HTTP", channel_bindings=bindings, protocol=protocol)
    token, status = client.step(), 401
    while token:
        status, challenges = call(connection, f"{scheme} {base64.b64encode(token).decode()}")
        given = next((item.partition(" ")[2] for item in challenges if item.startswith(f"{scheme} ")), "")
        token = client.step(base64.b64decode(given)) if given and not client.complete else None
    return status


def test_offers(ntlm: Running) -> None:
    answer = requests.get(f"{ntlm.url}/requests", timeout=5)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Negotiate, NTLM"
    assert answer.headers["Content-Type"] == "text/html"


@pytest.mark.parametrize("scheme", ["NTLM", "Negotiate"])
def test_user_belongs_to_the_connection(ntlm: Running, scheme: str) -> None:
    requests.post(f"{ntlm.control}/reset-calls", timeout=5)
    connection = connect(ntlm)
    assert call(connection)[0] == 401
    assert log_on(connection, scheme=scheme) == 200
    assert call(connection)[0] == 200
    assert call(connect(ntlm))[0] == 401
    counted = requests.get(f"{ntlm.control}/calls", timeout=5).json()
    assert counted["handshakes"] == 1
    assert counted["connections"] == 2
    assert counted["by_operation"] == {"GET /requests": 2}
    log = requests.get(f"{ntlm.control}/log", timeout=5).json()
    assert [entry["status"] for entry in log] == [401, 401, 200, 200, 401]
    assert log[2]["user"] == USER


def test_handshake_cannot_move_to_another_connection(ntlm: Running) -> None:
    client = spnego.client(USER, PASSWORD, "127.0.0.1", "HTTP", protocol="ntlm")
    token = client.step() or b""
    _dummy, challenges = call(connect(ntlm), f"NTLM {base64.b64encode(token).decode()}")
    answer = client.step(base64.b64decode(challenges[0].partition(" ")[2])) or b""
    assert call(connect(ntlm), f"NTLM {base64.b64encode(answer).decode()}")[0] == 401


def test_wrong_password_and_garbage_keep_the_connection(ntlm: Running) -> None:
    connection = connect(ntlm)
    assert log_on(connection, "wrong") == 401
    assert call(connection, "NTLM !!!")[0] == 401
    assert call(connection, "Negotiate TlRMTVNTUAABAAAA")[0] == 401
    assert log_on(connection) == 200


def test_bearer() -> None:
    with running("--auth", "token", "--token", "one", environment={"MIMCM_SIMULATOR_TOKEN": "two"}) as server:

        def status(token: str) -> int:
            headers = {"Authorization": f"Bearer {token}"}
            return requests.get(f"{server.url}/requests", headers=headers, timeout=5).status_code

        assert requests.get(f"{server.url}/requests", timeout=5).headers["WWW-Authenticate"] == "Bearer"
        assert [status("one"), status("two"), status("three")] == [200, 200, 401]
        log = requests.get(f"{server.control}/log", timeout=5).text
        assert "token-2" in log
        assert "two" not in log


def test_tls(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    with running("--tls", "--ca-file", str(authority)) as server:
        assert requests.get(f"{server.url}/requests", verify=str(authority), timeout=5).ok
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{server.url}/requests", timeout=5)
    assert not authority.exists()


def bindings_of(server: Running, authority: Path) -> tuple[ssl.SSLContext, GssChannelBindings]:
    context = ssl.create_default_context(cafile=str(authority))
    probe = connect(server, context)
    probe.connect()
    assert isinstance(probe.sock, ssl.SSLSocket)
    certificate = probe.sock.getpeercert(binary_form=True) or b""
    probe.close()
    return context, GssChannelBindings(application_data=b"tls-server-end-point:" + hashlib.sha256(certificate).digest())


@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize("scheme", ["NTLM", "Negotiate"])
def test_channel_bindings(tmp_path: Path, required: bool, scheme: str) -> None:
    authority = tmp_path / "ca.pem"
    more = ("--require-channel-bindings",) if required else ()
    with running(*NTLM, "--tls", "--ca-file", str(authority), *more) as server:
        context, good = bindings_of(server, authority)
        wrong = GssChannelBindings(application_data=b"tls-server-end-point:" + bytes(32))
        assert log_on(connect(server, context), scheme=scheme, bindings=good) == 200
        assert log_on(connect(server, context), scheme=scheme, bindings=wrong) == 401
        assert log_on(connect(server, context), scheme=scheme) == (401 if required else 200)
