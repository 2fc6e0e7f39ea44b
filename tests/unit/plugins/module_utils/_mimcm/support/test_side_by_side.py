# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several calls at a time: no more than allowed, and none after an error."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.side_by_side import side_by_side


class Meeting:
    """An action that ends once as many others have begun as are expected; it counts who is in it."""

    def __init__(self, expected: int) -> None:
        self.barrier = threading.Barrier(expected, timeout=120)
        self.lock = threading.Lock()
        self.inside = self.most = 0

    def __call__(self, number: int) -> int:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.barrier.wait()
        with self.lock:
            self.inside -= 1
        return number * number


@pytest.mark.parametrize(("workers", "things"), [(2, 8), (4, 16), (4, 4), (7, 3)])
def test_as_many_as_allowed_go_side_by_side(workers: int, things: int) -> None:
    meeting = Meeting(min(workers, things))
    assert dict(side_by_side(meeting, range(things), workers)) == {number: number**2 for number in range(things)}
    assert meeting.most <= workers


@pytest.mark.parametrize("workers", [0, 1])
def test_one_worker_stays_in_this_thread(workers: int) -> None:
    here = threading.get_ident()
    assert set(dict(side_by_side(lambda thing: threading.get_ident(), range(3), workers)).values()) == {here}


def test_nothing_is_begun_after_an_error() -> None:
    begun: list[int] = []

    def fail(number: int) -> None:
        begun.append(number)
        raise errors.Forbidden(f"not {number}")

    with pytest.raises(errors.Forbidden):
        list(side_by_side(fail, range(1000), 4))
    assert len(begun) <= 4 + 3


def test_who_has_seen_enough_stops_the_rest() -> None:
    begun: list[int] = []
    found = side_by_side(begun.append, range(1000), 2)
    next(found)
    found.close()
    assert len(begun) <= 3
