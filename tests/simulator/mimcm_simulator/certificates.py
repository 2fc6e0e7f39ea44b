# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's certificate: a given one, or one of a throw-away CA."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from .bindings import end_point


@dataclass
class Tls:
    context: ssl.SSLContext
    end_point: bytes
    # The CA in PEM, when it was made here.
    ca: bytes | None = None


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def given(certificate: Path, key: Path | None) -> Tls:
    context = _context()
    context.load_cert_chain(certificate, key)
    return Tls(context, end_point(certificate.read_bytes()))


def throw_away(host: str) -> Tls:
    import trustme

    names = list(dict.fromkeys(["localhost", "127.0.0.1", "::1", host]))
    authority = trustme.CA(organization_name="MIM CM reference server")
    certificate = authority.issue_cert(*names)
    context = _context()
    certificate.configure_cert(context)
    return Tls(context, end_point(certificate.cert_chain_pems[0].bytes()), authority.cert_pem.bytes())
