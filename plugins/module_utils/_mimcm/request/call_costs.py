# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure the cost of calls, and estimate the cost of calls that were not made yet. No I/O; times are passed in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Set

# Before a list has been measured, one of this many requests is assumed to cost twice a single look-up.
_ENTRIES = 50
# How many requests an unmeasured list is assumed to have beside those that are looked for. Lists of open requests stay
# short; ended requests add up for years, and most of them are completed.
_LENGTHS = {
    "None": 0,
    "Pending": 0,
    "Approved": 0,
    "Executing": 0,
    "Completed": 1000,
    "Denied": 100,
    "Canceled": 100,
    "Failed": 100,
}
_WHOLE_LENGTH = 5000
# The least cost of a call in seconds, however fast it was: its time does not show all of the work on the server.
_LEAST = 0.03
# The factor by which an unused list gets cheaper with each search, so it is tried again after a while.
_FORGETTING = 0.95
# The factor by which a list gets more expensive when it fails, so a wait does not depend on it for ever.
_FAILED = 4.0
# The least expected share: a list that had none of the wanted requests may have some the next time.
_LEAST_SHARE = 0.05


class Costs:
    """The costs of single look-ups and of lists in seconds. Lists go by status; None is the list of everything.

    Args:
        connections: How many single look-ups run in parallel. Four in parallel take a quarter of the time, but cause
            the same work on the server, so each counts half.
    """

    def __init__(self, connections: int = 1) -> None:
        self._weight = connections**-0.5
        # In seconds; before the first call an arbitrary unit, in which costs can still be compared.
        self._single = 1.0
        self.unknown = True
        """Whether no single look-up has been measured yet."""
        self._lists: dict[str | None, float] = {}
        self._distrust: dict[str | None, float] = {}
        self._shares: dict[str | None, float] = {}

    def singles(self, count: float) -> float:
        """Return the cost of looking up this many requests by id."""
        return count * self._single * self._weight

    def listing(self, status: str | None, wanted: int) -> float:
        """Return the cost of a list, in the unit of C(singles).

        Args:
            status: The status of the list.
            wanted: How many requests are looked for.
        """
        length = wanted + (_WHOLE_LENGTH if status is None else _LENGTHS[status])
        unseen = self._single * (1 + length / _ENTRIES)
        return self._lists.get(status, unseen) * self._distrust.get(status, 1.0)

    def share(self, status: str | None) -> float:
        """Return the share of the possible requests that a list had the last time, 1 before it was read."""
        return self._shares.get(status, 1.0)

    def saw_single(self, seconds: float) -> None:
        """Note how long looking up one request took."""
        counted = max(seconds, _LEAST)
        self._single = counted if self.unknown else (self._single + counted) / 2
        self.unknown = False

    def saw_list(self, status: str | None, seconds: float) -> None:
        """Note how long a list took."""
        self._lists[status] = max(seconds, _LEAST)
        self._distrust.pop(status, None)

    def saw_share(self, status: str | None, share: float) -> None:
        """Note the share of the possible requests that a list had."""
        self._shares[status] = max(share, _LEAST_SHARE)

    def saw_failure(self, status: str | None) -> None:
        """Note that a list failed."""
        self._distrust[status] = self._distrust.get(status, 1.0) * _FAILED

    def saw_refusal(self, statuses: Iterable[str | None]) -> None:
        """Note that the account may not read these lists, or that they are too large."""
        self._distrust.update(dict.fromkeys(statuses, math.inf))

    def forget(self, made: Set[str | None]) -> None:
        """Lower the cost of the lists that were not read this time, so they are tried again after a while."""
        for seen, least in ((self._lists, 0.0), (self._distrust, 1.0)):
            for status in seen.keys() - made:
                seen[status] = max(seen[status] * _FORGETTING, least)
