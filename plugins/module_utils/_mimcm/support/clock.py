# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clock, random numbers and growing pauses, passed in so that tests can control them. No I/O."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass


# Looked up with each use, so tests can replace the module's time.
def _now() -> float:
    return time.monotonic()


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


@dataclass(frozen=True)
class Clock:
    """The clock and the random numbers that waits and retries use.

    Args:
        now: Returns the seconds of a monotonic clock.
        sleep: Sleeps for seconds.
        draw: Returns a number between two, at random.
    """

    now: Callable[[], float] = _now
    sleep: Callable[[float], None] = _sleep
    draw: Callable[[float, float], float] = random.uniform


SYSTEM = Clock()
"""The clock of this machine."""


@dataclass(frozen=True)
class Backoff:
    """Pauses that grow from one attempt to the next.

    Args:
        first: The first pause, in seconds.
        growth: The factor from one pause to the next.
        longest: The longest pause, in seconds.
        jitter: The largest share by which a pause is shortened at random, so that many clients which failed at the same
            moment do not come back at the same moment.
    """

    first: float
    growth: float
    longest: float
    jitter: float = 0.0

    def pause(self, attempt: int, clock: Clock) -> float:
        """Return how many seconds to pause before a repetition, 1 for the first one."""
        return self.bound(attempt) * clock.draw(1 - self.jitter, 1.0) if self.jitter else self.bound(attempt)

    def bound(self, attempt: int) -> float:
        """Return the pause before a repetition without jitter."""
        # The exponent is bounded because a long wait would overflow the float.
        return min(self.first * self.growth ** min(attempt - 1, 100), self.longest)

    def asked(self, seconds: float) -> float:
        """Return the pause that a server asks for, but at most the longest one."""
        return min(seconds, self.longest)
