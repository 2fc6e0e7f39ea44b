# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NTLM against a real acceptor, per connection as IIS does it, with and without channel bindings."""

from __future__ import annotations

import base64
import hashlib
import os
import ssl
import subprocess
import sys
import traceback
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import spnego
from spnego._ntlm_raw.messages import Authenticate, AvId, NTClientChallengeV2
from spnego.channel_bindings import GssChannelBindings

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.auth import choose, windows
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport import credentials
from ansible_collections.certops.mimcm.tests.unit import helpers

PASSWORD = 'Pä$$ "w0rd"%s{}'
ALICE = {"auth_method": "ntlm", "username": r"CONTOSO\alice", "password": PASSWORD, "allow_http_credentials": True}


class Acceptor:
    """What a server that wants NTLM answers; its state hangs on the connection."""

    def __init__(self, reply: Any, scheme: str, bindings: bytes | None, strict: bool = True) -> None:
        self._reply, self._scheme, self._strict = reply, scheme, strict
        self._bindings = None if bindings is None else GssChannelBindings(application_data=bindings)
        self._contexts: dict[Any, Any] = {}
        self.users: list[str] = []
        self.tokens: list[bytes] = []

    def __call__(self, call: Any) -> Any:
        context = self._contexts.get(call.connection)
        if context is not None and context.complete:
            return self._reply([{"Uuid": "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"}])
        header = call.headers.get("Authorization")
        if header is None:
            return self._refused()
        token = base64.b64decode(header.split()[1])
        self.tokens.append(token)
        if context is None:
            context = spnego.server(protocol="ntlm", channel_bindings=self._bindings)
            self._contexts[call.connection] = context
        elif not self._strict and not is_bound(token):
            # As a server does whose Extended Protection is accepted and not required.
            context.channel_bindings = None
        try:
            answer = context.step(token)
        except spnego.exceptions.SpnegoError:
            del self._contexts[call.connection]
            return self._refused()
        if not context.complete:
            return self._refused(f"{self._scheme} {base64.b64encode(answer).decode()}")
        self.users.append(context.client_principal)
        return self._reply([], headers={"Set-Cookie": "session=1"})

    def _refused(self, offer: str | None = None) -> Any:
        return self._reply(b"<html>", status=401, headers={"WWW-Authenticate": offer or self._scheme})


@pytest.fixture
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "users"
    path.write_text(f"CONTOSO:alice:{PASSWORD}\n", encoding="utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(path))


def is_bound(token: bytes) -> bool:
    """Whether an NTLM response says which TLS connection it is for."""
    response = Authenticate.unpack(token).nt_challenge_response
    return AvId.channel_bindings in NTClientChallengeV2.unpack(response[16:]).av_pairs


def bindings_of(certificate: Any) -> bytes:
    der = ssl.PEM_cert_to_DER_cert(certificate.cert_chain_pems[0].bytes().decode())
    return b"tls-server-end-point:" + hashlib.sha256(der).digest()


@pytest.mark.usefixtures("users")
@pytest.mark.parametrize("scheme", ["NTLM", "ntlm", "Negotiate"])
def test_one_handshake_for_a_connection(scripted: Any, reply: Any, scheme: str) -> None:
    acceptor = scripted.script = Acceptor(reply, scheme, None)
    client = scripted.client(**ALICE)
    for _turn in range(3):
        client.list_requests()
    assert acceptor.users == ["CONTOSO\\alice"]
    assert scripted.connections == 1
    assert client.http_calls == len(scripted.calls) == 5
    assert all(token.startswith(b"NTLMSSP\0") for token in acceptor.tokens)
    assert scripted.calls[-1].headers["Cookie"] == "session=1"


@pytest.mark.usefixtures("users")
def test_the_token_is_bound_to_the_certificate(scripted_tls: Any, reply: Any, authority: Any, certificate: Any) -> None:
    acceptor = scripted_tls.script = Acceptor(reply, "NTLM", bindings_of(certificate))
    scripted_tls.client(ca_path=authority[1], **ALICE).list_requests()
    assert acceptor.users == ["CONTOSO\\alice"]


@pytest.mark.usefixtures("users")
def test_a_token_bound_elsewhere_is_refused(scripted_tls: Any, reply: Any, authority: Any) -> None:
    """Without this the test before proves nothing."""
    scripted_tls.script = Acceptor(reply, "NTLM", b"tls-server-end-point:" + bytes(32))
    with pytest.raises(errors.AuthenticationFailed, match="refused auth_method ntlm"):
        scripted_tls.client(ca_path=authority[1], **ALICE).list_requests()


@pytest.mark.usefixtures("users")
@pytest.mark.parametrize("method", ["ntlm", "negotiate"])
def test_behind_a_balancer_with_its_own_certificate(
    scripted_tls: Any, reply: Any, authority: Any, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """The server behind it knows its own certificate, and not the one that the client sees."""
    acceptor = scripted_tls.script = Acceptor(reply, "NTLM", b"tls-server-end-point:" + bytes(32), strict=False)
    given = {**ALICE, "auth_method": method, "ca_path": authority[1]}
    with pytest.raises(errors.AuthenticationFailed, match=r"check the credentials: .*; if .* channel_bindings: never"):
        scripted_tls.client(**given).list_requests()
    assert scripted_tls.client(**given, channel_bindings="never").list_requests() == []
    assert acceptor.users == ["CONTOSO\\alice"]


@pytest.mark.usefixtures("users")
def test_without_tls_there_is_nothing_to_bind_to(scripted: Any, reply: Any) -> None:
    scripted.script = Acceptor(reply, "NTLM", None)
    with pytest.raises(errors.AuthenticationFailed, match="check the credentials") as caught:
        scripted.client(**{**ALICE, "password": "wr0ng"}).list_requests()
    assert "channel_bindings" not in str(caught.value)


@pytest.mark.usefixtures("users")
@pytest.mark.parametrize("password", ["wr0ng-wr0ng", "ẅr0ng-wr0ng%"])
def test_a_wrong_password_is_sent_once_and_never_told(scripted: Any, reply: Any, password: str) -> None:
    acceptor = scripted.script = Acceptor(reply, "NTLM", None)
    client = scripted.client(**{**ALICE, "password": password, "retries": 4})
    for _turn in range(3):
        with pytest.raises(
            errors.AuthenticationFailed, match=r"refused auth_method ntlm.*offers NTLM; check"
        ) as caught:
            client.list_requests()
        text = "".join(traceback.format_exception(caught.value)) + repr(caught.value.details) + repr(client.__dict__)
        assert "wr0ng" not in text
    assert len(acceptor.tokens) == 2
    assert acceptor.users == []


@pytest.mark.usefixtures("users")
@pytest.mark.parametrize("scheme", ["Bearer", "Basic", "Kerberos"])
def test_nothing_is_sent_to_a_server_that_offers_something_else(scripted: Any, reply: Any, scheme: str) -> None:
    acceptor = scripted.script = Acceptor(reply, scheme, None)
    with pytest.raises(errors.AuthenticationFailed, match=f"refused auth_method ntlm.*offers {scheme}"):
        scripted.client(**ALICE).list_requests()
    assert acceptor.tokens == []


@pytest.mark.parametrize("challenge", [b"", b"NTLMSSP\0", b"NTLMSSP\0\2\0\0\0", b"garbage" * 9, bytes(500)])
def test_a_malformed_challenge_is_a_sentence(scripted: Any, reply: Any, challenge: bytes) -> None:
    offer = f"NTLM {base64.b64encode(challenge).decode()}".strip()
    scripted.answer(
        reply(b"", status=401, headers={"WWW-Authenticate": "NTLM"}),
        reply(b"", status=401, headers={"WWW-Authenticate": offer}),
    )
    with pytest.raises(errors.AuthenticationFailed) as caught:
        scripted.client(**ALICE).list_requests()
    assert "\n" not in str(caught.value)
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))
    assert len(scripted.calls) < 10


@pytest.mark.parametrize("challenge", [b"NTLMSSP\0", b"garbage" * 9])
def test_a_malformed_challenge_says_nothing_about_the_password(scripted: Any, reply: Any, challenge: bytes) -> None:
    offer = f"NTLM {base64.b64encode(challenge).decode()}"
    scripted.answer(
        reply(b"", status=401, headers={"WWW-Authenticate": "NTLM"}),
        reply(b"", status=401, headers={"WWW-Authenticate": offer}),
    )
    with pytest.raises(errors.AuthenticationFailed, match="failed on this side") as caught:
        scripted.client(**ALICE).list_requests()
    assert "password" not in str(caught.value)


# As in FIPS mode, OpenSSL demands algorithms that are approved for it; here there are none at all.
FIPS = """
openssl_conf = start
[start]
alg_section = algorithms
providers = providers
[algorithms]
default_properties = fips=yes
[providers]
default = usual
[usual]
activate = 1
"""
PROGRAM = """
import sys
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.tests.unit import helpers
class Server: origin = sys.argv[2]
given = {{"auth_method": sys.argv[1], "username": "CONTOSO\\\\alice", "password": {password!r}}}
try:
    helpers.client(Server, allow_http_credentials=True, **given).list_requests()
except errors.AuthenticationFailed as error:
    print(ascii(str(error)))
"""


@pytest.mark.usefixtures("users")
@pytest.mark.parametrize("method", ["ntlm", "negotiate"])
def test_where_md5_is_forbidden_it_is_not_the_password(scripted: Any, reply: Any, tmp_path: Path, method: str) -> None:
    acceptor = scripted.script = Acceptor(reply, "NTLM", None)
    (tmp_path / "openssl.cnf").write_text(FIPS)
    paths = os.pathsep.join([str(helpers.ROOT.parents[2]), *filter(None, sys.path)])
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(password=PASSWORD), method, scripted.origin],
        env={**os.environ, "PYTHONPATH": paths, "OPENSSL_CONF": str(tmp_path / "openssl.cnf"), "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout, run.stderr
    assert "on this side: the cryptographic policy of this host (FIPS, for example) forbids MD4, MD5" in run.stdout
    assert "use auth_method kerberos" in run.stdout
    assert "check username" not in run.stdout
    assert len(acceptor.tokens) == 1, "no response was sent that could be counted against the account"


def test_a_server_that_asks_for_ever_is_left(scripted: Any, reply: Any) -> None:
    scripted.answer(reply(b"", status=401, headers={"WWW-Authenticate": "Negotiate YWJj, NTLM TlRMTVNTUAA="}))
    with pytest.raises(errors.AuthenticationFailed):
        scripted.client(**ALICE).list_requests()
    assert len(scripted.calls) < 10


@pytest.mark.parametrize(("digest", "expected"), [("SHA256", "sha256"), ("SHA384", "sha384"), ("SHA512", "sha512")])
def test_the_digest_of_the_bindings_is_the_certificates(digest: str, expected: str) -> None:
    """RFC 5929, section 4.1."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "cm.contoso.com")])
    now = datetime.now(timezone.utc)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    der = builder.sign(key, getattr(hashes, digest)()).public_bytes(serialization.Encoding.DER)
    bindings = windows._channel_bindings(der)
    assert bindings.application_data == b"tls-server-end-point:" + hashlib.new(expected, der).digest()


@pytest.mark.parametrize("offered", [{"NTLM": None}, {"NTLM": b"x", "Basic": None}, {}])
def test_kerberos_has_no_answer_to_ntlm(offered: dict[str, bytes | None]) -> None:
    pytest.importorskip("gssapi")
    from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import Login

    assert choose.credentials(Login("kerberos")).handshake(credentials.Challenge(offered, "cm.contoso.com")) is None
