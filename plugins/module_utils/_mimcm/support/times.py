# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parse times and durations. No clock."""

from __future__ import annotations

import datetime
import re

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


_DURATION = re.compile(r"\s*\+?([0-9]{1,6}(?:\.[0-9]{1,6})?)\s*([wdhms]?)\s*", re.IGNORECASE)


# Python parses up to six digits of a second; the server writes up to seven.
_FRACTION = re.compile(r"(\.[0-9]{1,6})[0-9]*")


def duration(text: str, option: str) -> datetime.timedelta:
    """Return a duration that a user wrote as a number of days, or as a number with a unit.

    Raises:
        UsageError: The text is not a duration; the message names the option.
    """
    found = _DURATION.fullmatch(text)
    if not found:
        raise UsageError(
            f"'{text}' is not a duration",
            where=option,
            remedy="give a number of days such as 30, or a number with a unit such as 12h or 6w",
        )
    return datetime.timedelta(**{_UNITS[found[2].lower() or "d"]: float(found[1])})


def instant(text: str | None) -> datetime.datetime | None:
    """Return a time from an answer in UTC, None if there is none or it cannot be parsed."""
    # Python 3.10 does not parse the Z, and only fractions of three or six digits.
    spelled = str(text or "").upper().replace("Z", "+00:00")
    try:
        found = datetime.datetime.fromisoformat(_FRACTION.sub(lambda fraction: fraction[1].ljust(7, "0"), spelled))
        return found.astimezone(datetime.timezone.utc) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
