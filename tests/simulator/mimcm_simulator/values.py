# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of the API: GUIDs, times, enumerations, and JSON as ASP.NET writes it."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from typing import Any

NO_GUID = "00000000-0000-0000-0000-000000000000"
NOT_YET = "0001-01-01T00:00:00"

STATUSES = {
    "None": 0,
    "Approved": 3,
    "Denied": 4,
    "Completed": 8,
    "Failed": 9,
    "Pending": 16,
    "Canceled": 17,
    "Executing": 18,
}

# The names a create body takes. The number of the last one is not documented anywhere.
REQUEST_TYPES = {
    "Enroll": 1,
    "Recover": 2,
    "Renew": 3,
    "Revoke": 4,
    "Unblock": 5,
    "Duplicate": 6,
    "Retire": 7,
    "RecoverOnBehalf": 8,
    "Reinstate": 9,
    "OnlineUpdate": 10,
    "TemporaryCards": 11,
    "OfflineUnblock": 12,
}

# The numbers of Suspended and None are not documented: these are made up, and no client may know them.
CARD_STATUSES = {"New": 0, "Assigned": 1, "Active": 2, "Disabled": 3, "Suspended": 4, "Retired": 6}
# What ?status= of profiles takes, and nothing else: the names are documented, most of them fit no profile.
PROFILE_FILTERS = ("Active", "Approved", "Canceled", "Completed", "Denied", "Executing", "Failed", "None", "Pending")
PROFILE_STATUSES = {"New": 0, "Active": 2, "Disabled": 3, "Suspended": 4, "Retired": 6, "None": 7}

_GUID = re.compile(r"\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?", re.IGNORECASE)


def guid(value: object) -> str | None:
    """The GUID in lower case and without braces, or None when it is not one."""
    found = _GUID.fullmatch(value.strip()) if isinstance(value, str) else None
    return found.group(1).lower() if found else None


def named(names: dict[str, int], value: object) -> int | None:
    """Return the number of a name, in upper or lower case, or None if there is no such name."""
    if not isinstance(value, str):
        return None
    return {name.lower(): number for name, number in names.items()}.get(value.lower())


def status_name(number: int) -> str:
    return next((name for name, value in STATUSES.items() if value == number), str(number))


def timestamp(seconds: float) -> str:
    """A time as the examples show it: UTC, fractional digits without trailing zeros, and at least one of them."""
    moment = datetime.fromtimestamp(seconds, tz=timezone.utc)
    milliseconds = moment.microsecond // 1000 or 1
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}".rstrip("0") + "Z"


def zoneless(seconds: float) -> str:
    """A time as the examples show those of certificates: whole seconds, no zone."""
    return f"{datetime.fromtimestamp(seconds, tz=timezone.utc):%Y-%m-%dT%H:%M:%S}"


def name_of(names: dict[str, int], number: int) -> str | None:
    return next((name for name, value in names.items() if value == number), None)


def to_json(document: Any) -> bytes:
    """Compact JSON. Json.NET leaves other characters alone but escapes these three line separators."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    for character in "\u0085\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode()
