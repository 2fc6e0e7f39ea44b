# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is tried again, and after which pause."""

from __future__ import annotations

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.clock import Clock
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.retry import pause_before


def test_pauses_grow_and_differ() -> None:
    busy = errors.ServerUnavailable("busy")
    shortest = [pause_before(attempt, busy, False, Clock(draw=lambda low, high: low)) for attempt in range(1, 9)]
    longest = [pause_before(attempt, busy, False, Clock(draw=lambda low, high: high)) for attempt in range(1, 9)]
    assert longest == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert shortest == [pause / 2 for pause in longest]


@pytest.mark.parametrize(
    ("error", "reads", "writes"),
    [
        (errors.ConnectionFailed("lost"), True, False),
        (errors.ConnectionFailed("refused", sent=False), True, True),
        (errors.ServerUnavailable("busy"), True, False),
        (errors.ServerError("500"), False, False),
        (errors.CertificateRejected("expired"), False, False),
        (errors.InvalidAnswer("html"), False, False),
    ],
)
def test_what_is_tried_again(error: errors.MimcmError, reads: bool, writes: bool) -> None:
    assert (pause_before(1, error, writes=False, clock=Clock()) is not None) == reads
    assert (pause_before(1, error, writes=True, clock=Clock()) is not None) == writes
