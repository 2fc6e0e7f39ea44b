# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single values between the wire and the user: GUIDs, times, enumerations, base64. No I/O."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Mapping
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError

NO_GUID = "00000000-0000-0000-0000-000000000000"
NO_TIME = "0001-01-01T00:00:00"

# The numbers are documented and stand in no order: never derive one from another.
REQUEST_STATUS: dict[int, str] = {
    0: "None",
    3: "Approved",
    4: "Denied",
    8: "Completed",
    9: "Failed",
    16: "Pending",
    17: "Canceled",
    18: "Executing",
}

REQUEST_TYPE: dict[int, str] = {
    1: "Enroll",
    2: "Recover",
    3: "Renew",
    4: "Disable",
    5: "Unblock",
    6: "Duplicate",
    7: "Retire",
    8: "RecoverOnBehalf",
    9: "SuspendOrReinstate",
    10: "OnlineUpdate",
    11: "TemporaryCardEnroll",
}

# In the order of a request's life, as options and messages name them.
STATUS_CHOICES = ["Pending", "Approved", "Executing", "Completed", "Denied", "Canceled", "Failed"]

_GUID = re.compile(r"\{?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?")
# Short enough for int(), which refuses thousands of digits.
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")
_HAS_ZONE = re.compile(r"(Z|[+-]\d{2}:?\d{2})$", re.IGNORECASE)


def guid(value: Any, option: str) -> str:
    """Return a GUID that a user wrote as the API spells it: lower case, no braces.

    Raises:
        UsageError: It is no GUID; the message names the option.
    """
    text = str(value).strip()
    if not _GUID.fullmatch(text) or text.startswith("{") != text.endswith("}"):
        raise UsageError(f"{option}: '{text}' is not a GUID; it should look like a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099.")
    return str(uuid.UUID(text))


def guids(values: list[Any], option: str) -> list[str]:
    """Return the GUIDs of a list in its order, each once."""
    return list(dict.fromkeys(guid(value, option) for value in values))


def base64_text(value: str, option: str) -> str:
    """Return base64 unchanged but for surrounding blanks.

    Raises:
        UsageError: It is not base64; the message does not repeat it.
    """
    text = value.strip()
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if not decoded:
        raise UsageError(
            f"{option} is not base64; encode the bytes of the card's challenge, "
            "for example with the filter ansible.builtin.b64encode."
        )
    return text


def wire_guid(value: Any) -> str | None:
    """Return a GUID of an answer in lower case without braces, None for "none"."""
    if not isinstance(value, str):
        return None
    text = value.strip().strip("{}").lower()
    return None if text in ("", NO_GUID) else text


def wire_time(value: Any) -> str | None:
    """Return a time of an answer with its zone, None for "not yet".

    Some answers name no zone; they are passed on as UTC, which the contract infers and does not document.
    """
    if not isinstance(value, str) or not value or value.startswith(NO_TIME):
        return None
    return value if _HAS_ZONE.search(value) else f"{value}Z"


def wire_enum(value: Any, names: Mapping[int, str]) -> tuple[str | None, int | None]:
    """Return the name and the number of an enumeration's value.

    A number that the collection does not know is no error: its name is None. A server that sends names is understood
    too.
    """
    if isinstance(value, str) and not _WHOLE_NUMBER.fullmatch(value):
        known = {name.lower(): (name, number) for number, name in names.items()}
        return known.get(value.lower(), (None, None))
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None, None
    number = int(value)
    return names.get(number), number
