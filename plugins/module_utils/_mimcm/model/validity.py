# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The validity of certificates: when it ends, and how many days are left. No I/O; the time is passed in."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, Literal

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Certificate, CertificateWithExpiry
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.times import instant

_OwnKey = Literal["issuer", "requester_name", "not_before", "not_after", "status"]
_OF_THE_OWN: tuple[_OwnKey, ...] = ("issuer", "requester_name", "not_before", "not_after", "status")


def end_of(certificate: Certificate) -> datetime.datetime | None:
    """Return the end of a certificate's validity, None if it is not known or cannot be parsed."""
    return instant(certificate["not_after"])


def with_expiry(certificate: Certificate, now: datetime.datetime) -> CertificateWithExpiry:
    """Return a certificate with whether it has expired and how many days are left, both None if its end is unknown."""
    end = end_of(certificate)
    if end is None:
        return {**certificate, "expired": None, "days_left": None}
    left = end - now
    return {**certificate, "expired": left <= datetime.timedelta(0), "days_left": left.days}


def joined(certificates: Iterable[Certificate], own: Iterable[Certificate]) -> list[Certificate]:
    """Return certificates with the properties that the API lists only for the account's own, matched by thumbprint.

    Args:
        certificates: The certificates of a smart card or a profile.
        own: The account's own certificates.
    """
    by_thumbprint = {
        comparable(certificate["thumbprint"]): certificate for certificate in own if certificate["thumbprint"]
    }
    return [
        _completed(certificate, by_thumbprint.get(comparable(certificate["thumbprint"])))
        for certificate in certificates
    ]


def comparable(digits: Any) -> str:
    """Return a thumbprint or serial number normalised for comparisons, empty for none."""
    return str(digits or "").replace(" ", "").upper()


def _completed(certificate: Certificate, own: Certificate | None) -> Certificate:
    if own is None:
        return certificate
    found = certificate.copy()
    for key in _OF_THE_OWN:
        if found[key] is None:
            found[key] = own[key]
    return found
