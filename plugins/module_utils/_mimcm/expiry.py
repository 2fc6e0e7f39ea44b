# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times and time spans, and when certificates end. No I/O, and no clock of its own."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import Item

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_DURATION = re.compile(r"\s*\+?([0-9]{1,6}(?:\.[0-9]{1,6})?)\s*([wdhms]?)\s*", re.IGNORECASE)
# Python reads up to six digits of a second, the server writes up to seven.
_FRACTION = re.compile(r"(\.[0-9]{1,6})[0-9]*")
_OF_THE_OWN = ("issuer", "requester_name", "not_before", "not_after", "status")


def duration(text: str, option: str) -> datetime.timedelta:
    """Return a time span that a user wrote as a number of days, or as a number with a unit.

    Raises:
        UsageError: It is none; the message names the option.
    """
    found = _DURATION.fullmatch(text)
    if not found:
        raise UsageError(
            f"{option}: '{text}' is no time span; give a number of days such as 30, or one like 12h or 6w."
        )
    return datetime.timedelta(**{_UNITS[found[2].lower() or "d"]: float(found[1])})


def instant(text: str | None) -> datetime.datetime | None:
    """Return a time of an answer in UTC, None if there is none or it cannot be read."""
    # Python 3.10 does not read the Z, and reads fractions of three or six digits only.
    spelled = str(text or "").upper().replace("Z", "+00:00")
    try:
        found = datetime.datetime.fromisoformat(_FRACTION.sub(lambda fraction: fraction[1].ljust(7, "0"), spelled))
        return found.astimezone(datetime.timezone.utc) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def end_of(certificate: Item) -> datetime.datetime | None:
    """Return the end of a certificate's validity, None if it is not known or cannot be read."""
    return instant(certificate["not_after"])


def with_expiry(certificate: Item, now: datetime.datetime) -> Item:
    """Return a certificate with what follows from its end: whether it has passed, and in how many days it will."""
    end = end_of(certificate)
    if end is None:
        return {**certificate, "expired": None, "days_left": None}
    left = end - now
    return {**certificate, "expired": left <= datetime.timedelta(0), "days_left": left.days}


def joined(certificates: Iterable[Item], own: Iterable[Item]) -> list[Item]:
    """Return certificates with what the API tells of the account's own only, found by thumbprint.

    Args:
        certificates: Of a smart card or a profile.
        own: The account's own.
    """
    by_thumbprint = {
        comparable(certificate["thumbprint"]): certificate for certificate in own if certificate["thumbprint"]
    }
    return [
        _completed(certificate, by_thumbprint.get(comparable(certificate["thumbprint"])))
        for certificate in certificates
    ]


def comparable(digits: Any) -> str:
    """Return a thumbprint or serial number as it can be compared, however it was spelled; empty for none."""
    return str(digits or "").replace(" ", "").upper()


def _completed(certificate: Item, own: Item | None) -> Item:
    if own is None:
        return certificate
    return {**certificate, **{key: own[key] for key in _OF_THE_OWN if certificate[key] is None}}
