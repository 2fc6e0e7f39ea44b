# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's clock: a test can turn it forward and stop it, so no test has to wait for time to pass."""

from __future__ import annotations

import time
from collections.abc import Callable

# A hundred years: every time that comes of it can still be written as the API writes times.
FARTHEST = 100 * 366 * 86400.0


class Clock:
    """Call it for the time, in seconds since 1970.

    Args:
        stopped: Whether it stands still until it is told to go or is turned.
        real: The clock that it follows while it goes.
    """

    def __init__(self, stopped: bool = False, real: Callable[[], float] = time.time) -> None:
        self._real = real
        self._stopped_at_first = stopped
        self.reset()

    def __call__(self) -> float:
        return (self._real() if self._since is None else self._since) + self.advanced

    @property
    def stopped(self) -> bool:
        return self._since is not None

    def reset(self) -> None:
        """Show the real time again, and go or stand still as at the start."""
        self.advanced = 0.0
        self._since = self._real() if self._stopped_at_first else None

    def advance(self, seconds: float) -> None:
        self.advanced += seconds

    def stop(self) -> None:
        if self._since is None:
            self._since = self._real()

    def go(self) -> None:
        """Go on from the time that it shows, not from the real one."""
        if self._since is not None:
            self.advanced += self._since - self._real()
            self._since = None
