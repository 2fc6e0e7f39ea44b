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


def expire(seconds: float) -> bool:
    """Wait in a block with a limit; return whether it was broken off."""
    broken = threading.Event()
    with TimeLimit(seconds, broken.set) as limit:
        found = broken.wait(5)
    assert limit.over == found
    return found


def threads() -> int:
    return sum(thread.name.startswith("certops.mimcm") for thread in threading.enumerate())


def test_what_is_over_its_time_is_broken_off_again_and_again() -> None:
    times: list[float] = []
    with TimeLimit(0.1, lambda: times.append(time.monotonic())) as limit:
        time.sleep(0.5)
    assert limit.over
    assert len(times) >= 3
    so_far = len(times)
    time.sleep(0.2)
    assert len(times) == so_far


def test_what_ends_in_time_is_not() -> None:
    broken = threading.Event()
    for _turn in range(200):
        with TimeLimit(0.3, broken.set) as limit:
            pass
        assert not limit.over
    assert not broken.wait(0.6)
    assert threads() == 1


def test_a_shorter_limit_after_a_longer_one() -> None:
    with TimeLimit(30, lambda: None):
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
    deadline = time.monotonic() + 15
    while threads() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert threads() == 0
    assert expire(0.05)


def test_a_forked_process_watches_its_own() -> None:
    with TimeLimit(30, lambda: None):
        child = os.fork()
        if child == 0:
            os._exit(0 if expire(0.1) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
