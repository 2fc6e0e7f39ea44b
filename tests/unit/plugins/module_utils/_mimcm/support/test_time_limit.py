# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One thread watches all limits, and only while there are any."""

from __future__ import annotations

import os
import threading
import time

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support import time_limit
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.time_limit import TimeLimit

# Far longer than any limit here: it is waited for only if a limit does not work at all.
_PATIENCE = 60


class Clock:
    """A clock for the limits that passes only when it is turned."""

    def __init__(self) -> None:
        self.now = time.monotonic()

    def monotonic(self) -> float:
        return self.now


def expire(seconds: float) -> bool:
    """Wait in a block with a limit; return whether it was broken off."""
    broken = threading.Event()
    with TimeLimit(seconds, broken.set) as limit:
        found = broken.wait(_PATIENCE)
    assert limit.over == found
    return found


def threads() -> int:
    return sum(thread.name.startswith("certops.mimcm") for thread in threading.enumerate())


def test_what_is_over_its_time_is_broken_off_again_and_again() -> None:
    broken = threading.Semaphore(0)
    with TimeLimit(0.1, broken.release) as limit:
        assert all(broken.acquire(timeout=_PATIENCE) for _time in range(3))
    assert limit.over
    while broken.acquire(blocking=False):
        pass
    # Whoever watches has gone through all limits more than once by the time that another one is broken off again.
    again = threading.Semaphore(0)
    with TimeLimit(0.1, again.release):
        assert all(again.acquire(timeout=_PATIENCE) for _time in range(3))
    assert not broken.acquire(blocking=False)


def test_what_ends_in_time_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, broken = Clock(), threading.Event()
    monkeypatch.setattr(time_limit, "time", clock)
    for _turn in range(200):
        with TimeLimit(30, broken.set) as limit:
            pass
        assert not limit.over
    clock.now += 60
    # With the time of all of them over, the thread is woken by one that is over at once.
    assert expire(0)
    assert not broken.is_set()
    assert threads() == 1


def test_what_takes_too_long_is(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, broken = Clock(), threading.Event()
    monkeypatch.setattr(time_limit, "time", clock)
    with TimeLimit(30, broken.set) as limit:
        clock.now += 29
        assert expire(0)
        assert not limit.over
        clock.now += 2
        assert expire(0)
        assert broken.wait(_PATIENCE)
        assert limit.over


def test_a_shorter_limit_after_a_longer_one() -> None:
    with TimeLimit(600, lambda: None):
        # The thread has gone to sleep until the longer one is over, and must be woken for the shorter one.
        while time_limit._WATCH._wakes < time.monotonic() + _PATIENCE:
            time.sleep(0.01)
        assert expire(0.1)


def test_many_at_once() -> None:
    found: list[bool] = []
    several = [threading.Thread(target=lambda: found.append(expire(0.2))) for _number in range(20)]
    for thread in several:
        thread.start()
    assert threads() == 1
    for thread in several:
        thread.join()
    assert found == [True] * 20


def test_the_thread_goes_when_there_is_nothing_to_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limit, "_IDLE", 0.1)
    assert expire(0.05)
    for thread in threading.enumerate():
        if thread.name.startswith("certops.mimcm"):
            thread.join(_PATIENCE)
    assert threads() == 0
    assert expire(0.05)


def test_a_forked_process_watches_its_own() -> None:
    with TimeLimit(600, lambda: None):
        child = os.fork()
        if child == 0:
            os._exit(0 if expire(0.1) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
