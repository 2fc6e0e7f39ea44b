# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client certificate, asked for in the handshake or after it, over real connections."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors

# Where the certificates to trust are named.
TRUST: dict[str, Any] = {
    "the system's store": {},
    "ca_path": {"ca_path": True},
    "nowhere": {"validate_certs": False},
    "the environment": {},
}


class Asking:
    """A server's certificate whose server wants to see the caller's."""

    def __init__(self, authority: tuple[Any, str], late: bool, version: ssl.TLSVersion) -> None:
        self._own = authority[0].issue_cert("localhost")
        self._ca_path, self._late, self._version = authority[1], late, version

    def configure_cert(self, context: ssl.SSLContext) -> None:
        self._own.configure_cert(context)
        context.load_verify_locations(self._ca_path)
        context.verify_mode = ssl.CERT_REQUIRED
        context.minimum_version = context.maximum_version = self._version
        context.post_handshake_auth = self._late


def shown(connection: Any) -> bool:
    """Ask for the certificate of whoever called, and return whether it came."""
    try:
        connection.verify_client_post_handshake()
    except ssl.SSLError:
        # The caller did not announce that it could.
        return False
    connection.settimeout(0.05)
    for _turn in range(100):
        try:
            connection.recv(1)
        except TimeoutError:
            # What is not for the application is read meanwhile.
            if connection.getpeercert():
                break
    connection.settimeout(None)
    return bool(connection.getpeercert())


@pytest.fixture
def given(authority: Any, tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "client.pem"
    authority[0].issue_cert("alice@contoso.com").private_key_and_cert_chain_pem.write_to_path(str(path))
    return {"client_cert": str(path)}


@pytest.mark.parametrize("trust", TRUST)
def test_after_the_handshake(
    scripted_over_tls: Any, authority: Any, given: Any, reply: Any, trust: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = scripted_over_tls(Asking(authority, True, ssl.TLSVersion.TLSv1_3))
    server.script = lambda call: reply([], 200 if shown(call.connection) else 403)
    variable = {"the system's store": "SSL_CERT_FILE", "the environment": "REQUESTS_CA_BUNDLE"}.get(trust)
    if variable:
        monkeypatch.setenv(variable, authority[1])
    options = {name: authority[1] if name == "ca_path" else value for name, value in TRUST[trust].items()}
    assert server.client(**given, **options).list_requests() == []
    with pytest.raises(errors.MimcmError):
        server.client(**options).list_requests()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_in_the_handshake(scripted_over_tls: Any, authority: Any, given: Any, version: ssl.TLSVersion) -> None:
    server = scripted_over_tls(Asking(authority, False, version))
    assert server.client(**given, ca_path=authority[1]).list_requests() == []
