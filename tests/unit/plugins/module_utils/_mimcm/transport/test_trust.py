# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is advised about certificates that are not trusted: certificates of every kind, on a server that uses them."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import execute
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport import trust
from ansible_collections.certops.mimcm.plugins.modules import mimcm_ping

DAY = datetime.timedelta(days=1)
STRICT = bool(ssl.create_default_context().verify_flags & ssl.VERIFY_X509_STRICT)


@dataclass
class Made:
    """A certificate and its key, made as the fields say."""

    name: str
    issuer: Made | None = None
    authority: bool = False
    names: tuple[x509.GeneralName, ...] = (x509.DNSName("localhost"),)
    begins: datetime.timedelta = -DAY
    ends: datetime.timedelta = DAY
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    critical_constraints: bool = True
    key_usage: bool = True
    key_identifiers: bool = True

    def __post_init__(self) -> None:
        now = datetime.datetime.now(datetime.timezone.utc)
        issuer = self.issuer or self
        self.subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, self.name)])
        builder = x509.CertificateBuilder(
            issuer_name=issuer.subject,
            subject_name=self.subject,
            public_key=self.key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now + self.begins,
            not_valid_after=now + self.ends,
        )
        for extension, critical in self._extensions(issuer):
            builder = builder.add_extension(extension, critical)
        self.certificate = builder.sign(issuer.key, hashes.SHA256())

    def _extensions(self, issuer: Made) -> list[tuple[x509.ExtensionType, bool]]:
        found: list[tuple[x509.ExtensionType, bool]] = []
        if self.key_identifiers:
            found.append((x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False))
            found.append((x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), False))
        if not self.authority:
            return [*found, (x509.SubjectAlternativeName(self.names), False)]
        found.append((x509.BasicConstraints(True, None), self.critical_constraints))
        if self.key_usage:
            signs = dict.fromkeys(("key_cert_sign", "crl_sign"), True)
            others = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
            rest = dict.fromkeys((*others, "key_agreement", "encipher_only", "decipher_only"), False)
            found.append((x509.KeyUsage(**signs, **rest), True))
        return found

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


class Shown:
    """A server's certificate, and the others that the server sends with it."""

    def __init__(self, folder: Path, certificate: Made, *others: Made) -> None:
        self._path = folder / "server.pem"
        self._path.write_bytes(b"".join([certificate.key_pem, certificate.pem, *(other.pem for other in others)]))

    def configure_cert(self, context: ssl.SSLContext) -> None:
        # Weak keys must be usable on this side.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.load_cert_chain(self._path)


def authority(name: str = "root", **given: Any) -> Made:
    return Made(name, authority=True, **given)


def leaf(issuer: Made | None, **given: Any) -> list[Made]:
    return [Made("localhost", issuer, **given)]


# The certificates to send, given a CA that is trusted, and what is advised.
UNTRUSTED: dict[str, tuple[Callable[[Made], list[Made]], str]] = {
    "self-signed": (lambda ca: leaf(None), "set ca_path to a PEM file with the root certificate"),
    "unknown CA": (lambda ca: leaf(authority("other")), "set ca_path to a PEM file with the root certificate"),
    "unknown CA that is sent": (
        lambda ca: [*leaf(other := authority("other")), other],
        "set ca_path to a PEM file with the root certificate",
    ),
    "a CA in between that is not sent": (
        lambda ca: leaf(authority("between", issuer=ca)),
        "let the server send the certificates in between",
    ),
    "expired": (lambda ca: leaf(ca, begins=-3 * DAY, ends=-DAY), "localhost, or that of its CA, renewed"),
    "not yet valid": (lambda ca: leaf(ca, begins=DAY, ends=3 * DAY), "check this host's clock"),
    "another name": (
        lambda ca: leaf(ca, names=(x509.DNSName("elsewhere.test"),)),
        "use a host name in url that is in the certificate, or have one issued for localhost",
    ),
    "no CA": (lambda ca: [*leaf(other := Made("no CA", ca)), other], "one of them may not issue certificates"),
    "a short key": (lambda ca: leaf(ca, key=rsa.generate_private_key(65537, 1024)), "with a stronger key"),
}
BY_RFC_5280: dict[str, Callable[[], list[Made]]] = {
    "no key identifiers": lambda: [*leaf(ca := authority(), key_identifiers=False), ca],
    "constraints that are not critical": lambda: [*leaf(ca := authority(critical_constraints=False)), ca],
    "a CA without key usage": lambda: [*leaf(ca := authority(key_usage=False)), ca],
}


def advice(start: Any, folder: Path, sent: list[Made], trusted: Made, host: str = "localhost") -> tuple[str, str]:
    """What a call says, and what mimcm_ping advises."""
    ca_path = folder / "ca.pem"
    ca_path.write_bytes(trusted.pem)
    server = start(Shown(folder, *sent))
    options = server.params(url=f"https://{host}:{server.port}", ca_path=str(ca_path))
    with pytest.raises(errors.CertificateRejected) as caught:
        server.client(**options).list_requests()
    ping = execute(mimcm_ping.run, options, False, mimcm_ping.open_client)
    (found,) = (finding["remedy"] for finding in ping["findings"] if finding["check"] == "tls")
    assert server.calls == []
    return str(caught.value), found


@pytest.mark.parametrize("kind", UNTRUSTED)
def test_advice(scripted_over_tls: Any, tmp_path: Path, kind: str) -> None:
    make, said = UNTRUSTED[kind]
    ca = authority()
    message, remedy = advice(scripted_over_tls, tmp_path, make(ca), ca)
    assert message.startswith("The certificate of https://localhost")
    assert said in message
    assert said.lower() in remedy.lower()


def test_an_address(scripted_over_tls: Any, tmp_path: Path) -> None:
    ca = authority()
    sent = leaf(ca, names=(x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.9"))))
    message, remedy = advice(scripted_over_tls, tmp_path, sent, ca, host="127.0.0.1")
    assert "use the server's host name in url instead of 127.0.0.1" in message
    assert "127.0.0.1" in remedy


@pytest.mark.skipif(not STRICT, reason="Python before 3.13 does not check this")
@pytest.mark.parametrize("kind", BY_RFC_5280)
def test_what_python_3_13_insists_on(scripted_over_tls: Any, tmp_path: Path, kind: str) -> None:
    certificate, ca = BY_RFC_5280[kind]()
    message, remedy = advice(scripted_over_tls, tmp_path, [certificate], ca)
    assert "ca_path" not in message + remedy, "it is set"
    assert "issued again as RFC 5280 demands: Python 3.13 and later insist on that" in message
    assert "RFC 5280" in remedy


@pytest.mark.parametrize("number", [0, 1, 17, 23, 50, 65, 95, 1000])
def test_every_number_has_some_advice_without_gaps(number: int) -> None:
    remedy = trust.remedy_for(number, "cm.contoso.com")
    assert "cm.contoso.com" in remedy
    assert "{" not in remedy
