# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide whether and when a failed call is retried. No I/O."""

from __future__ import annotations

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MimcmError, Transient
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.clock import Backoff, Clock

CALLS = Backoff(first=0.5, growth=2.0, longest=30.0, jitter=0.5)
"""The pauses between the attempts of one call."""


def pause_before(attempt: int, error: MimcmError, writes: bool, clock: Clock) -> float | None:
    """Return how many seconds to pause before a call is retried, None if it must not be.

    A call that reads is retried after every error that may pass, one that writes only if it cannot have reached the
    server.

    Args:
        attempt: The number of the retry, 1 for the first.
        error: Why the call failed.
        writes: Whether the call may change something.
        clock: For the jitter.
    """
    if not isinstance(error, Transient) or (writes and error.sent):
        return None
    if error.retry_after is not None:
        return CALLS.asked(error.retry_after)
    return CALLS.pause(attempt, clock)
