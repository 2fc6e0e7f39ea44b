# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time and chance, passed in so that tests can turn them. No I/O."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    """What waits and retries need of time and chance.

    Args:
        now: Returns the seconds of a monotonic clock.
        sleep: Sleeps for seconds.
        draw: Returns a number between two, at random.
    """

    now: Callable[[], float] = lambda: time.monotonic()
    sleep: Callable[[float], None] = lambda seconds: time.sleep(seconds)
    draw: Callable[[float, float], float] = random.uniform


SYSTEM = Clock()
"""The time of this machine."""


@dataclass(frozen=True)
class Backoff:
    """Pauses that grow from one attempt to the next.

    Args:
        first: The first pause, in seconds.
        growth: How many times the one before each further pause is.
        longest: No pause is longer, in seconds.
        jitter: The largest share by which a pause is shortened at random, so that many who failed at the same moment do
            not come back at the same moment.
    """

    first: float
    growth: float
    longest: float
    jitter: float = 0.0

    def pause(self, attempt: int, clock: Clock) -> float:
        """Return how many seconds to pause before an attempt is made again, 1 for the first repetition."""
        return self.bound(attempt) * clock.draw(1 - self.jitter, 1.0) if self.jitter else self.bound(attempt)

    def bound(self, attempt: int) -> float:
        """Return the same without jitter."""
        # An exponent that a float can hold, however long a wait lasts.
        return min(self.first * self.growth ** min(attempt - 1, 100), self.longest)

    def asked(self, seconds: float) -> float:
        """Return the pause that a server asks for, as far as it is granted."""
        return min(seconds, self.longest)
