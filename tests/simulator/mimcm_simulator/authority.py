# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certification authority of the server's own, made when it is needed for the first time."""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .values import zoneless

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

NAME = "MIM CM Reference Issuing CA"
# How the API shows an issuer: host\name.
ISSUER = rf"ca1.corp.example.com\{NAME}"
ROOT_NAME = "MIM CM Reference Root CA"

_SMARTCARD_LOGON = "1.3.6.1.4.1.311.20.2.2"
_LINE = 64
# The DigestInfo of SHA-1 up to the digest.
_SHA1_PREFIX = bytes.fromhex("3021300906052b0e03021a05000414")


class CertificateRequestError(ValueError):
    """A certificate request that gets no certificate; the text is one sentence for its sender."""


@dataclass(frozen=True)
class Order:
    """The properties of a certificate to issue, except its key."""

    user: str
    days: int
    now: float
    key_size: int = 2048
    subject: str = ""
    smartcard: bool = True


@dataclass(frozen=True)
class Issued:
    certificate: x509.Certificate

    @property
    def thumbprint(self) -> str:
        from cryptography.hazmat.primitives import hashes

        # SHA-1 is what Windows calls a thumbprint; it protects nothing here.
        return self.certificate.fingerprint(hashes.SHA1()).hex().upper()

    @property
    def serial(self) -> str:
        digits = f"{self.certificate.serial_number:X}"
        return digits.zfill(len(digits) + len(digits) % 2)

    @property
    def not_before(self) -> str:
        return zoneless(_seconds(self.certificate, "not_valid_before"))

    @property
    def not_after(self) -> str:
        return zoneless(_seconds(self.certificate, "not_valid_after"))


def _seconds(certificate: x509.Certificate, name: str) -> float:
    """An end of a certificate's validity; before its release 42, cryptography returned times without a zone."""
    found = getattr(certificate, f"{name}_utc", None) or getattr(certificate, name).replace(
        tzinfo=datetime.timezone.utc
    )
    return float(found.timestamp())


def lines(content: bytes) -> str:
    """Base64 as the examples show it: CRLF after each 64 characters and at the end."""
    text = base64.b64encode(content).decode()
    return "".join(f"{text[start : start + _LINE]}\r\n" for start in range(0, len(text), _LINE))


def read_request(text: str, key_size: int) -> x509.CertificateSigningRequest:
    """A PKCS#10 request in base64, with or without line ends, that proves the possession of a large enough RSA key."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import rsa

    try:
        request = x509.load_der_x509_csr(base64.b64decode("".join(text.split()), validate=True))
        key = request.public_key()
        signed = request.is_signature_valid or _signed_with_sha1(request)
    except (binascii.Error, ValueError, TypeError):
        raise CertificateRequestError("The certificate request is not a PKCS#10 request in base64.") from None
    except Exception:
        # An algorithm that the library does not know, in the key or in the signature.
        raise CertificateRequestError("The certificate request uses an algorithm that is not supported.") from None
    if not signed:
        raise CertificateRequestError("The signature of the certificate request is not valid.")
    if not isinstance(key, rsa.RSAPublicKey):
        raise CertificateRequestError("The key of the certificate request is not an RSA key.")
    if key.key_size < key_size:
        raise CertificateRequestError(f"The public key has {key.key_size} bits; the template asks for {key_size}.")
    return request


def _signed_with_sha1(request: x509.CertificateSigningRequest) -> bool:
    """The documented options ask for SHA-1, which the library does not verify any more (RFC 8017, section 8.2.2)."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = request.public_key()
    if request.signature_algorithm_oid != x509.SignatureAlgorithmOID.RSA_WITH_SHA1 or not isinstance(
        key, rsa.RSAPublicKey
    ):
        return False
    numbers, length = key.public_numbers(), (key.key_size + 7) // 8
    digest = _SHA1_PREFIX + hashlib.sha1(request.tbs_certrequest_bytes, usedforsecurity=False).digest()
    padded = b"\0\1" + b"\xff" * (length - len(digest) - 3) + b"\0" + digest
    return pow(int.from_bytes(request.signature, "big"), numbers.e, numbers.n) == int.from_bytes(padded, "big")


def chosen_name(subject: str, user: str) -> x509.Name:
    """The subject of a template, or the target user where it has none."""
    from cryptography import x509

    if subject:
        try:
            return x509.Name.from_rfc4514_string(subject)
        except ValueError:
            pass
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject or user)])


class Authority:
    """A root and an issuing CA. Their keys are on P-256, because those are made in no time."""

    @cached_property
    def _root_key(self) -> ec.EllipticCurvePrivateKey:
        from cryptography.hazmat.primitives.asymmetric import ec

        return ec.generate_private_key(ec.SECP256R1())

    @cached_property
    def _issuing_key(self) -> ec.EllipticCurvePrivateKey:
        from cryptography.hazmat.primitives.asymmetric import ec

        return ec.generate_private_key(ec.SECP256R1())

    @cached_property
    def root(self) -> x509.Certificate:
        return _authority_certificate(ROOT_NAME, ROOT_NAME, self._root_key, self._root_key, length=1)

    @cached_property
    def issuing(self) -> x509.Certificate:
        return _authority_certificate(NAME, ROOT_NAME, self._issuing_key, self._root_key, length=0)

    def pem(self) -> dict[str, str]:
        from cryptography.hazmat.primitives.serialization import Encoding

        return {
            "root": self.root.public_bytes(Encoding.PEM).decode(),
            "issuing": self.issuing.public_bytes(Encoding.PEM).decode(),
        }

    def sign(self, text: str, order: Order) -> Issued:
        """A certificate for a certificate request, whose subject and alternative names are taken over."""
        from cryptography import x509

        request = read_request(text, order.key_size)
        try:
            names: x509.SubjectAlternativeName | None = request.extensions.get_extension_for_class(
                x509.SubjectAlternativeName
            ).value
        except x509.ExtensionNotFound:
            names = None
        except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
            raise CertificateRequestError("The extensions of the certificate request cannot be read.") from None
        subject = request.subject if list(request.subject) else chosen_name("", order.user)
        return self._issue(request.public_key(), subject, names, order)

    def generate(self, order: Order, password: str) -> tuple[Issued, bytes]:
        """A certificate with a key that is made here, and both in a PKCS#12 file."""
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

        key: rsa.RSAPrivateKey = rsa.generate_private_key(public_exponent=65537, key_size=max(1024, order.key_size))
        issued = self._issue(key.public_key(), chosen_name(order.subject, order.user), None, order)
        file = pkcs12.serialize_key_and_certificates(
            order.user.encode(),
            key,
            issued.certificate,
            [self.issuing, self.root],
            BestAvailableEncryption(password.encode()),
        )
        return issued, file

    def chain(self, issued: Issued) -> bytes:
        """A PKCS#7 message without signers that holds the certificate, the issuing CA and the root."""
        from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

        return pkcs7.serialize_certificates([issued.certificate, self.issuing, self.root], Encoding.DER)

    def _issue(self, key: Any, subject: x509.Name, names: x509.SubjectAlternativeName | None, order: Order) -> Issued:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes

        usages = [x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH]
        if order.smartcard:
            usages.append(x509.ObjectIdentifier(_SMARTCARD_LOGON))
        start = _moment(order.now) - datetime.timedelta(minutes=10)
        issuer_key = x509.SubjectKeyIdentifier.from_public_key(self._issuing_key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.issuing.subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(_moment(order.now) + datetime.timedelta(days=order.days))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signature=True, certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key), critical=False)
        )
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        return Issued(builder.sign(self._issuing_key, hashes.SHA256()))


def _moment(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(int(seconds), tz=datetime.timezone.utc)


def _key_usage(signature: bool, certificates: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=signature,
        content_commitment=False,
        key_encipherment=signature,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_certificate(
    name: str, issuer: str, key: ec.EllipticCurvePrivateKey, issuer_key: ec.EllipticCurvePrivateKey, length: int
) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    now = datetime.datetime.now(tz=datetime.timezone.utc).replace(microsecond=0)
    above = x509.SubjectKeyIdentifier.from_public_key(issuer_key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=7300))
        .add_extension(x509.BasicConstraints(ca=True, path_length=length), critical=True)
        .add_extension(_key_usage(signature=False, certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(above), critical=False)
    )
    return builder.sign(issuer_key, hashes.SHA256())
