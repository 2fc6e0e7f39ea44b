# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kerberos against a key distribution centre of its own; skipped where that cannot be had."""

from __future__ import annotations

import base64
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import spnego
from mimcm_simulator.bindings import end_point
from mimcm_simulator.launch import Running, running
from spnego.channel_bindings import GssChannelBindings

pytest.importorskip("gssapi")
pytest.importorskip("krb5")
if not shutil.which("krb5kdc", path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
    pytest.skip("MIT Kerberos is not installed", allow_module_level=True)

PATH = "/CertificateManagement/api/v1.0/requests"
CLIENT = """[libdefaults]
default_realm = EXAMPLE.TEST
qualify_shortname = ""
dns_canonicalize_hostname = false
rdns = false
dns_lookup_kdc = false
udp_preference_limit = 1
[realms]
EXAMPLE.TEST = {{
  kdc = 127.0.0.1:{port}
}}
"""
SERVER = """[kdcdefaults]
kdc_listen = 127.0.0.1:{port}
kdc_tcp_listen = 127.0.0.1:{port}
[realms]
EXAMPLE.TEST = {{
  database_name = {folder}/principal
  key_stash_file = {folder}/stash
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder, port = tmp_path_factory.mktemp("realm"), free_port()
    (folder / "krb5.conf").write_text(CLIENT.format(port=port), encoding="utf-8")
    (folder / "kdc.conf").write_text(SERVER.format(port=port, folder=folder), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "/usr/sbin", prepend=os.pathsep)
        patch.setenv("KRB5_CONFIG", str(folder / "krb5.conf"))
        patch.setenv("KRB5_KDC_PROFILE", str(folder / "kdc.conf"))
        patch.setenv("KRB5_KTNAME", str(folder / "http.keytab"))
        patch.setenv("KRB5CCNAME", str(folder / "cache"))

        def run(*command: str, answer: str | None = None) -> None:
            subprocess.run(command, check=True, capture_output=True, text=True, input=answer, timeout=20)

        run("kdb5_util", "create", "-s", "-P", "master", "-r", "EXAMPLE.TEST")
        for query in ("addprinc -pw made-up alice", "addprinc -randkey HTTP/localhost", "ktadd HTTP/localhost"):
            run("kadmin.local", "-q", query)
        centre = subprocess.Popen(["krb5kdc", "-n"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            run("kinit", "alice", answer="made-up\n")
            yield
        finally:
            centre.terminate()
            centre.wait(timeout=10)


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("The key distribution centre did not start.")


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
