# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What calls have cost so far, and what those that were not made yet may cost. No I/O, and no clock of its own."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable

# Until both have been seen, a list of so many requests is taken to cost twice what looking up one does.
_ENTRIES = 50
# How many requests a list is taken to hold that was not seen yet, if it grows for years.
_HISTORY = 5000
_OPEN_STATUSES = ("Pending", "Approved", "Executing")
# What was not asked for lately may have become cheaper: after a while it is tried again.
_FORGETTING = 0.95
# A list that fails counts so many times what it counted before, so that a wait does not depend on it for ever.
_FAILED = 4.0
# A list that had none of the requests that were looked for may have some the next time.
_LEAST_SHARE = 0.05


class Costs:
    """The seconds that calls took, there and here; lists go by their status, None for the list of everything."""

    def __init__(self) -> None:
        self._single: float | None = None
        self._guess = math.inf
        self._lists: dict[str | None, float] = {}
        self._distrust: dict[str | None, float] = {}
        self._shares: dict[str | None, float] = {}

    def single(self) -> float:
        """Return what looking one request up by its id costs, in seconds; of any unit before a call was made."""
        if self._single is not None:
            return self._single
        return self._guess if math.isfinite(self._guess) else 1.0

    def listing(self, status: str | None, wanted: int) -> float:
        """Return what a list costs, in the unit of C(single).

        Args:
            status: Which list.
            wanted: How many requests are looked for; a list that was not seen yet is taken to hold them.
        """
        size = wanted if status in _OPEN_STATUSES else max(wanted, _HISTORY)
        seconds = self._lists.get(status, self.single() * (1 + size / _ENTRIES))
        return seconds * self._distrust.get(status, 1.0)

    def share(self, status: str | None) -> float:
        """Return which share of the requests that might have been in a list were there last, 1 before it was seen."""
        return self._shares.get(status, 1.0)

    def saw_single(self, seconds: float) -> None:
        """Note what looking one request up took."""
        self._single = seconds if self._single is None else (self._single + seconds) / 2

    def saw_list(self, status: str | None, seconds: float, size: int) -> None:
        """Note what a list took.

        Args:
            status: Which list.
            seconds: How long it took.
            size: How many requests it held.
        """
        self._lists[status] = seconds
        self._distrust.pop(status, None)
        self._guess = min(self._guess, seconds / (1 + size / _ENTRIES))

    def saw_share(self, status: str | None, share: float) -> None:
        """Note which share of the requests that might have been in a list were."""
        self._shares[status] = max(share, _LEAST_SHARE)

    def saw_failure(self, status: str | None) -> None:
        """Note that a list failed."""
        self._distrust[status] = self._distrust.get(status, 1.0) * _FAILED

    def saw_refusal(self, statuses: Iterable[str | None]) -> None:
        """Note that the caller may not have these lists."""
        self._distrust.update(dict.fromkeys(statuses, math.inf))

    def forget(self, made: Container[str | None]) -> None:
        """Let the lists that were not made this time count a little less."""
        for status in self._lists:
            if status not in made:
                self._lists[status] *= _FORGETTING
