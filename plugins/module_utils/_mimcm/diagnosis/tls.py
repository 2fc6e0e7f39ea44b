# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check of the TLS connection and the server's certificate."""

from __future__ import annotations

import datetime
import os
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.diagnosis.case import (
    OK,
    PROBLEM,
    SKIPPED,
    WARNING,
    Case,
    CheckResult,
    sentence,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import Connection
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.text import clause
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.x509 import end_of_validity
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.connecting import connected
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.trust import number_of, remedy_for

_EXPIRES_SOON = 30


def check_tls(case: Case) -> Iterator[CheckResult]:
    """Check the TLS handshake and the server's certificate."""
    if not case.connection.url.startswith("https:"):
        text = "The connection is not encrypted: an eavesdropper can read the answers, including PINs"
        yield CheckResult("tls", WARNING, text, "Use an https:// url")
        return
    if case.proxy or not case.reachable:
        yield CheckResult("tls", SKIPPED, "Not tried, because the server cannot be reached directly")
        return
    try:
        trusted = _shake_hands(case, _trusting(case.connection))
    except ssl.SSLCertVerificationError as error:
        yield from _untrusted(case, error)
        return
    except (OSError, ValueError) as error:
        case.reachable = False
        reason = str(
            getattr(error, "reason", None) or getattr(error, "strerror", None) or "the connection broke off"
        ).lower()
        reason = "no answer" if isinstance(error, TimeoutError) else reason.replace("_", " ")
        text = f"No TLS connection with {case.host} port {case.port}: {reason}"
        yield CheckResult("tls", PROBLEM, text, "Check that the server speaks TLS 1.2 or later on this port")
        return
    yield from _certificate(case, trusted)


def _trusting(connection: Connection) -> ssl.SSLContext:
    path = connection.ca_path
    if path is None:
        return ssl.create_default_context()
    if os.path.isdir(path):
        return ssl.create_default_context(capath=path)
    return ssl.create_default_context(cafile=path)


def _shake_hands(case: Case, context: ssl.SSLContext) -> dict[str, Any]:
    if case.connection.client_cert:
        context.load_cert_chain(case.connection.client_cert, case.connection.client_key)
    if not case.connection.validate_certs:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with connected(case.host, case.port, time.monotonic() + case.connection.timeout) as plain:
        plain.settimeout(case.connection.timeout)
        with context.wrap_socket(plain, server_hostname=case.host) as secure:
            cipher = secure.cipher()
            return {
                "version": secure.version(),
                "cipher": cipher[0] if cipher else None,
                **_described(secure.getpeercert(binary_form=True)),
            }


def _described(certificate: bytes | None) -> dict[str, Any]:
    """Return subject, issuer, names and expiry of a certificate; nothing if cryptography is not installed."""
    if certificate is None:
        return {}
    try:
        from cryptography import x509

        parsed = x509.load_der_x509_certificate(certificate)
        names: list[str] = []
        with suppress(x509.ExtensionNotFound):
            alternatives = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            names = [str(getattr(name, "value", name)) for name in alternatives]
        expires = end_of_validity(parsed)
        return {
            "subject": parsed.subject.rfc4514_string(),
            "issuer": parsed.issuer.rfc4514_string(),
            "names": names,
            "not_after": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    except Exception:
        # cryptography is missing, or raises one of its many exceptions for a malformed certificate.
        return {}


def _untrusted(case: Case, error: ssl.SSLCertVerificationError) -> Iterator[CheckResult]:
    """Report the untrusted certificate. It is read over an unverified connection, over which nothing is sent."""
    case.reachable = False
    unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
    details: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        details = _shake_hands(case, unverified)
    reason = clause(error.verify_message)
    issuer = f"; it was issued by {details['issuer']} for {', '.join(details['names'])}" if "issuer" in details else ""
    remedy = sentence(remedy_for(number_of(error), case.host))
    yield CheckResult("tls", PROBLEM, f"The certificate is not trusted: {reason}{issuer}", remedy, details)


def _certificate(case: Case, details: dict[str, Any]) -> Iterator[CheckResult]:
    text = f"{details['version']}, {details['cipher']}"
    if "not_after" not in details:
        yield CheckResult("tls", OK, text, None, details)
        return
    text += f", a certificate of {details['issuer']} that is valid until {details['not_after']}"
    expires = datetime.datetime.strptime(details["not_after"], "%Y-%m-%dT%H:%M:%SZ")
    left = (expires.replace(tzinfo=datetime.timezone.utc) - datetime.datetime.now(datetime.timezone.utc)).days
    if not case.connection.validate_certs:
        remedy = "Set ca_path instead of validate_certs: false"
        yield CheckResult("tls", WARNING, f"{text}, and is not verified", remedy, details)
    elif left < _EXPIRES_SOON:
        yield CheckResult("tls", WARNING, f"{text}, {left} days from now", "Have the certificate renewed", details)
    else:
        yield CheckResult("tls", OK, text, None, details)
