# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to do about a certificate that is not trusted, by the number that OpenSSL gives for the reason. No I/O."""

from __future__ import annotations

import ipaddress
import ssl

_ANOTHER_NAME, _ANOTHER_ADDRESS = 62, 64

_UNKNOWN_ISSUER = (
    "set ca_path to a PEM file with the root certificate of the CA that issued it, and let the server send the "
    "certificates in between"
)
_NOT_TRUE_YET = "check this host's clock, then the dates in the certificate of {host} and in those of its CA"
_EXPIRED = "have the certificate of {host}, or that of its CA, renewed; if neither has expired, set this host's clock"
_REVOKED = "have a new certificate issued for {host}"
_REVOCATION_UNKNOWN = "provide the current revocation lists of the CA that issued it"
_MALFORMED = "have the certificate of {host}, or that of its CA, issued again; this one is damaged or malformed"
_NOT_A_CA = (
    "check that the server of {host} sends the right certificates of its CA, and that ca_path has the right root: one "
    "of them may not issue certificates"
)
_NOT_FOR_SERVERS = "have a certificate for server authentication issued for {host}"
_NOT_ALLOWED = "have the certificate issued by a CA that may issue it for {host}"
_TOO_WEAK = "have the certificate of {host}, and that of its CA, issued again with a stronger key and signature"
_STRICT = (
    "have the certificate of {host}, or that of its CA, issued again as RFC 5280 demands: Python 3.13 and later insist "
    "on that, Python 3.12 and earlier do not"
)
_OTHERWISE = "have the certificate of {host} checked (openssl verify -x509_strict)"

# The numbers of X509_V_ERR in OpenSSL's x509_vfy.h.
_REMEDIES: dict[str, tuple[int, ...]] = {
    _UNKNOWN_ISSUER: (2, 18, 19, 20, 21, 27),
    _NOT_TRUE_YET: (9, 11),
    _EXPIRED: (10, 12),
    _REVOKED: (23,),
    _REVOCATION_UNKNOWN: (3, 33, 44, 54, 73, 74, 75),
    _MALFORMED: (4, 5, 6, 7, 8, 13, 14, 15, 16, 24, 34, 36, 41, 42, 46, 53),
    _NOT_A_CA: (22, 25, 29, 30, 31, 32, 35, 37, 79),
    _NOT_FOR_SERVERS: (26, 28, 39),
    _NOT_ALLOWED: (38, 40, 43, 47, 48),
    "use a host name in url that is in the certificate, or have one issued for {host}": (_ANOTHER_NAME,),
    "use the server's host name in url instead of {host}, or have a certificate issued for this address": (
        _ANOTHER_ADDRESS,
    ),
    _TOO_WEAK: (66, 67, 68, 76, 94),
    # Those that are checked only with X509_V_FLAG_X509_STRICT.
    _STRICT: (77, 78, *range(80, 94)),
}
_BY_NUMBER = {number: remedy for remedy, numbers in _REMEDIES.items() for number in numbers}


def remedy_for(number: int, host: str) -> str:
    """Return what to do about a certificate that is not trusted.

    Args:
        number: OpenSSL's number for the reason.
        host: The host name in the url.
    """
    return _BY_NUMBER.get(number, _OTHERWISE).format(host=host)


def mismatch(host: str) -> int:
    """Return OpenSSL's number for a certificate that is for another host.

    Args:
        host: The host name in the url, which may be an address.
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _ANOTHER_NAME
    return _ANOTHER_ADDRESS


def number_of(error: ssl.SSLCertVerificationError) -> int:
    """Return OpenSSL's number for the reason, 0 if there is none."""
    return int(getattr(error, "verify_code", 0))
