# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What calls have cost so far, and what those that were not made yet may cost. No I/O, and no clock of its own."""

from __future__ import annotations

import math
from collections.abc import Iterable, Set

# Until it was seen, a list of so many requests is taken to cost twice what looking up one does.
_ENTRIES = 50
# How many requests a list is taken to hold that was not seen yet, beside those that are looked for: lists of what is
# open stay short, what ended adds up for years, and most of it is completed.
_LENGTHS = {
    "Pending": 0,
    "Approved": 0,
    "Executing": 0,
    "Completed": 1000,
    "Denied": 100,
    "Canceled": 100,
    "Failed": 100,
}
_WHOLE_LENGTH = 5000
# What any call counts at the least, in seconds, however fast it was: a server has more work with it than answering.
_LEAST = 0.03
# What was not asked for lately may have become cheaper: after a while it is tried again.
_FORGETTING = 0.95
# A list that fails counts so many times what it counted before, so that a wait does not depend on it for ever.
_FAILED = 4.0
# A list that had none of the requests that were looked for may have some the next time.
_LEAST_SHARE = 0.05


class Costs:
    """The seconds that calls took, there and here; lists go by their status, None for the list of everything.

    Args:
        connections: How many single calls go side by side. With four, they take a quarter of the time, but as much of
            the server's work as one after the other: each then counts a half.
    """

    def __init__(self, connections: int = 1) -> None:
        self._weight = connections**-0.5
        # In seconds, or in any unit before a call was made.
        self._single = 1.0
        self.unknown = True
        """Whether nothing was seen yet that anything else could be compared with."""
        self._lists: dict[str | None, float] = {}
        self._distrust: dict[str | None, float] = {}
        self._shares: dict[str | None, float] = {}

    def singles(self, count: float) -> float:
        """Return what looking so many requests up by their ids costs."""
        return count * self._single * self._weight

    def listing(self, status: str | None, wanted: int) -> float:
        """Return what a list costs, in the unit of C(singles).

        Args:
            status: Which list.
            wanted: How many requests are looked for.
        """
        length = wanted + (_WHOLE_LENGTH if status is None else _LENGTHS[status])
        unseen = self._single * (1 + length / _ENTRIES)
        return self._lists.get(status, unseen) * self._distrust.get(status, 1.0)

    def share(self, status: str | None) -> float:
        """Return which share of the requests that might have been in a list were there last, 1 before it was seen."""
        return self._shares.get(status, 1.0)

    def saw_single(self, seconds: float) -> None:
        """Note what looking one request up took."""
        counted = max(seconds, _LEAST)
        self._single = counted if self.unknown else (self._single + counted) / 2
        self.unknown = False

    def saw_list(self, status: str | None, seconds: float) -> None:
        """Note what a list took."""
        self._lists[status] = max(seconds, _LEAST)
        self._distrust.pop(status, None)

    def saw_share(self, status: str | None, share: float) -> None:
        """Note which share of the requests that might have been in a list were."""
        self._shares[status] = max(share, _LEAST_SHARE)

    def saw_failure(self, status: str | None) -> None:
        """Note that a list failed."""
        self._distrust[status] = self._distrust.get(status, 1.0) * _FAILED

    def saw_refusal(self, statuses: Iterable[str | None]) -> None:
        """Note that the caller may not have these lists."""
        self._distrust.update(dict.fromkeys(statuses, math.inf))

    def forget(self, made: Set[str | None]) -> None:
        """Let the lists that were not made this time count a little less."""
        for seen, least in ((self._lists, 0.0), (self._distrust, 1.0)):
            for status in seen.keys() - made:
                seen[status] = max(seen[status] * _FORGETTING, least)
