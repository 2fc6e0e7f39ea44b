# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lifecycle of requests, smart cards and profiles: statuses, request types, and their order. No I/O."""

from __future__ import annotations

from collections.abc import Iterable

# The numbers are documented, but follow no pattern: never derive one from another.
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

# In the order of a request's life, as options and messages name them.
STATUS_CHOICES = ["Pending", "Approved", "Executing", "Completed", "Denied", "Canceled", "Failed"]

# What the API filters requests by: also what has not been processed yet, which nobody waits for.
STATUS_FILTERS = [*STATUS_CHOICES, "None"]

# In the order of a request's life: a request that moves on while the lists are read one by one is in a later list.
OPEN = ("Pending", "Approved", "Executing")

REJECTED = frozenset({"Denied", "Canceled", "Failed"})
"""The statuses in which a request has ended without success."""
ENDED = REJECTED | {"Completed"}

# The statuses in which a request counts as having reached a state: one that went further has passed through it.
REACHED_BY: dict[str, frozenset[str]] = {
    "Pending": frozenset({"Pending", "Approved", "Executing", "Completed"}),
    "Approved": frozenset({"Approved", "Executing", "Completed"}),
    "Executing": frozenset({"Executing", "Completed"}),
    "Completed": frozenset({"Completed"}),
    "Denied": frozenset({"Denied"}),
    "Canceled": frozenset({"Canceled"}),
    "Failed": frozenset({"Failed"}),
}


def reached_states(states: Iterable[str]) -> frozenset[str]:
    """Return every status in which a request counts as having reached one of these states."""
    return frozenset().union(*(REACHED_BY[state] for state in states))


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

# The request types that can be created, with the number in answers; None where no source documents the number.
CREATION_TYPES: dict[str, int | None] = {
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
    "OfflineUnblock": None,
}

POLICY_TYPES = [
    "Enroll",
    "Duplicate",
    "OfflineUnblock",
    "OnlineUpdate",
    "Renew",
    "Recover",
    "RecoverOnBehalf",
    "Reinstate",
    "Retire",
    "Revoke",
    "TemporaryEnroll",
    "Unblock",
]


def policy_type(request_type: str) -> str:
    """Return the name of the workflow policy for a request type."""
    return "TemporaryEnroll" if request_type == "TemporaryCards" else request_type


SMARTCARD_STATUS: dict[int, str] = {0: "New", 1: "Assigned", 2: "Active", 3: "Disabled", 6: "Retired"}

# The only names that the API filters profiles by. Most of them are statuses of requests, which no profile shows.
PROFILE_FILTERS = ["Active", "Approved", "Canceled", "Completed", "Denied", "Executing", "Failed", "None", "Pending"]

PROFILE_STATUS: dict[int, str] = {0: "New", 2: "Active", 3: "Disabled", 6: "Retired"}
