# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS channel bindings (Extended Protection): the server's own, and those that a token carries."""

from __future__ import annotations

import struct
from typing import Any

# GSS_C_CHANNEL_BOUND_FLAG of RFC 9266's companion draft, as MIT Kerberos 1.19 and later set it.
_CHANNEL_BOUND = 0x800

_NTLM = b"NTLMSSP\0"
_NTLM_NEGOTIATE = _NTLM + struct.pack("<I", 1)
_NTLM_AUTHENTICATE = _NTLM + struct.pack("<I", 3)
_AV_END, _AV_CHANNEL_BINDINGS = 0, 10
# The proof (16 octets) and the fixed part of the client's challenge (28) come before the attributes.
_V2_HEADER = 44


def begins_handshake(token: bytes) -> bool:
    """Whether the token is the first of a handshake: NTLM's negotiate message or GSSAPI's initial token."""
    return token[:1] == b"\x60" or _NTLM_NEGOTIATE in token


def is_ntlm_authenticate(token: bytes) -> bool:
    return _NTLM_AUTHENTICATE in token


def ntlm_is_bound(token: bytes) -> bool:
    """Whether an NTLM authenticate message, bare or inside SPNEGO, carries channel bindings."""
    message = token[token.index(_NTLM_AUTHENTICATE) :]
    length, _dummy, offset = struct.unpack_from("<HHI", message, 20)
    response = message[offset : offset + length]
    position = _V2_HEADER
    while position + 4 <= len(response):
        kind, size = struct.unpack_from("<HH", response, position)
        if kind == _AV_END:
            break
        if kind == _AV_CHANNEL_BINDINGS:
            return any(response[position + 4 : position + 4 + size])
        position += 4 + size
    return False


def kerberos_is_bound(context: Any) -> bool:
    """Read the flag from the GSSAPI context that pyspnego wraps, because pyspnego itself does not show it."""
    while context is not None and not hasattr(context, "actual_flags"):
        context = getattr(context, "_context", None)
    return context is not None and bool(int(context.actual_flags) & _CHANNEL_BOUND)


def end_point(certificate: bytes) -> bytes:
    """The application data of tls-server-end-point (RFC 5929) for a certificate in PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    parsed = x509.load_pem_x509_certificate(certificate)
    algorithm = parsed.signature_hash_algorithm
    if algorithm is None or isinstance(algorithm, (hashes.MD5, hashes.SHA1)):
        algorithm = hashes.SHA256()
    return b"tls-server-end-point:" + parsed.fingerprint(algorithm)
