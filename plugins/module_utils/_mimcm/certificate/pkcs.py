# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Convert certificate requests and certificates between users' files (PEM) and the API (base64). No I/O."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    InvalidAnswer,
    MissingLibrary,
    UsageError,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import base64_bytes
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.x509 import end_of_validity

# The first release that reads several certificates from one text.
_REQUIREMENT = "cryptography>=39"


@dataclass(frozen=True)
class CertificateRequest:
    """A PKCS#10 certificate request in base64, and its public key, by which its certificate is recognised."""

    base64: str
    public_key: bytes


@dataclass(frozen=True)
class Chain:
    """A certificate and the CA certificates above it, each in PEM, the issuer of the one before."""

    certificate: str
    issuers: list[str]
    public_key: bytes
    thumbprint: str
    not_after: float
    """Seconds since the epoch."""

    @property
    def pem(self) -> str:
        """The certificate and its issuers in PEM, in the order in which servers read a chain from a file."""
        return "".join([self.certificate, *self.issuers])


def certificate_request(text: str, option: str) -> CertificateRequest:
    """Return a certificate request that a user gave in PEM, or as base64 of its DER form.

    Raises:
        UsageError: The text is not a certificate request; the message names the option.
    """
    x509, serialization = _x509(), _serialization()
    try:
        if "-----BEGIN" in text:
            parsed = x509.load_pem_x509_csr(text.strip().encode())
        else:
            parsed = x509.load_der_x509_csr(base64_bytes(text) or b"")
        der, public_key = parsed.public_bytes(serialization.Encoding.DER), _public_key(parsed)
    except ValueError:
        raise UsageError(
            f"{option} is not a PKCS#10 certificate request in PEM or base64",
            remedy="create one with openssl req -new, or with community.crypto.openssl_csr",
        ) from None
    return CertificateRequest(base64.b64encode(der).decode(), public_key)


def chain_of_pkcs7(text: str, public_keys: set[bytes]) -> Chain:
    """Return the chain of an issued certificate from the PKCS#7 in an answer.

    Args:
        text: The PKCS#7 in base64, with or without line ends.
        public_keys: The public keys of the certificate requests; the certificate has one of them, unless the server
            made the key.

    Raises:
        InvalidAnswer: The text is not PKCS#7, or contains no certificate.
    """
    _x509()
    from cryptography.hazmat.primitives.serialization import pkcs7

    try:
        found = list(pkcs7.load_der_pkcs7_certificates(base64_bytes(text) or b""))
        chain = _chain(found, public_keys) if found else None
    except _not_understood():
        chain = None
    if chain is None:
        raise InvalidAnswer(
            "The server returned an issued certificate that is not valid PKCS#7", remedy="look for it in the CA"
        )
    return chain


def chain_of_pem(text: str, public_keys: set[bytes]) -> Chain | None:
    """Return the chain in a PEM text, None if it contains no certificate."""
    x509 = _x509()
    try:
        found = list(x509.load_pem_x509_certificates(text.encode()))
        return _chain(found, public_keys) if found else None
    except _not_understood():
        return None


def _chain(found: list[Any], public_keys: set[bytes]) -> Chain:
    hashes, serialization = _hashes(), _serialization()
    issuers_of_others = {certificate.issuer for certificate in found if certificate.issuer != certificate.subject}
    leaf = next(
        (certificate for certificate in found if _public_key(certificate) in public_keys),
        next((certificate for certificate in found if certificate.subject not in issuers_of_others), found[0]),
    )
    chain = [leaf]
    by_subject = {certificate.subject: certificate for certificate in found}
    while (above := by_subject.get(chain[-1].issuer)) is not None and above not in chain:
        chain.append(above)
    pem = [certificate.public_bytes(serialization.Encoding.PEM).decode() for certificate in chain]
    return Chain(
        pem[0],
        pem[1:],
        _public_key(leaf),
        leaf.fingerprint(hashes.SHA1()).hex().upper(),
        end_of_validity(leaf).timestamp(),
    )


def _public_key(holder: Any) -> bytes:
    serialization = _serialization()
    return bytes(
        holder.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


# cryptography is imported only when needed, because only one module works with certificates.


def _x509() -> Any:
    try:
        import cryptography
        from cryptography import x509
    except ImportError:
        raise MissingLibrary("cryptography", _REQUIREMENT) from None
    if not hasattr(x509, "load_pem_x509_certificates"):
        raise MissingLibrary("cryptography", _REQUIREMENT, cryptography.__version__)
    return x509


def _not_understood() -> tuple[type[Exception], ...]:
    """Return what the library raises for bytes that are no certificate, or one of a kind that it does not know."""
    from cryptography import exceptions, x509

    known = (exceptions.UnsupportedAlgorithm, exceptions.InternalError)
    return (ValueError, *known, x509.DuplicateExtension, x509.InvalidVersion, x509.UnsupportedGeneralNameType)


def _serialization() -> Any:
    _x509()
    from cryptography.hazmat.primitives import serialization

    return serialization


def _hashes() -> Any:
    _x509()
    from cryptography.hazmat.primitives import hashes

    return hashes
