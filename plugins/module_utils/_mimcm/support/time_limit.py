# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits on the total time that a block of code may take. No HTTP.

A socket's own time-out starts again with each byte, so a server that sends a byte now and then never exceeds it.
One thread watches all limits of a process, because starting one for each call took a third of the time of the call.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

# The interval, in seconds, at which a block that is over its time is broken off again, in case it reconnects meanwhile.
_AGAIN = 0.05
# How many seconds the thread stays alive when there is nothing to watch.
_IDLE = 10.0


class TimeLimit:
    """A context manager that limits the time of its block.

    Args:
        seconds: How long the block may take.
        break_off: Interrupts what the block waits for; called from another thread, repeatedly until the block ends.
    """

    def __init__(self, seconds: float, break_off: Callable[[], None]) -> None:
        self.over = False
        self.break_off = break_off
        self.due = time.monotonic() + seconds

    def __enter__(self) -> TimeLimit:
        _WATCH.add(self)
        return self

    def __exit__(self, *details: object) -> None:
        _WATCH.remove(self)


class _Watch:
    """The limits of a process, and the thread that watches them."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start afresh, as a forked process must: it has none of the threads, but copies of locks that they hold."""
        self._changed = threading.Condition()
        self._limits: set[TimeLimit] = set()
        self._wakes = self._used = 0.0
        self._thread: threading.Thread | None = None

    def add(self, limit: TimeLimit) -> None:
        with self._changed:
            self._limits.add(limit)
            self._used = time.monotonic()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="certops.mimcm time limits", daemon=True)
                self._thread.start()
            elif limit.due < self._wakes:
                self._changed.notify()

    def remove(self, limit: TimeLimit) -> None:
        # No need to notify the thread: it notices when it next wakes.
        with self._changed:
            self._limits.discard(limit)

    def _run(self) -> None:
        with self._changed:
            while self._limits or time.monotonic() < self._used + _IDLE:
                now = time.monotonic()
                for limit in self._limits:
                    if limit.due <= now:
                        limit.over, limit.due = True, now + _AGAIN
                        limit.break_off()
                self._wakes = min((limit.due for limit in self._limits), default=now + _IDLE)
                self._changed.wait(max(self._wakes - time.monotonic(), 0.0))
            self._thread = None


_WATCH = _Watch()
os.register_at_fork(after_in_child=_WATCH.forget)
