# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether and when a failed call is made again. No I/O."""

from __future__ import annotations

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MimcmError, Transient
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.clock import Backoff, Clock

CALLS = Backoff(first=0.5, growth=2.0, longest=30.0, jitter=0.5)
"""The pauses between the attempts of one call."""


def pause_before(attempt: int, error: MimcmError, writes: bool, clock: Clock) -> float | None:
    """Return how many seconds to pause before a call is made again, None when it must not be.

    A call that reads is made again after every error that may pass. One that writes is made again only if it cannot
    have arrived.

    Args:
        attempt: Which attempt it would be, 1 for the first repetition.
        error: What happened.
        writes: Whether the call may change something.
        clock: For chance.
    """
    if not isinstance(error, Transient) or (writes and error.sent):
        return None
    if error.retry_after is not None:
        return CALLS.asked(error.retry_after)
    return CALLS.pause(attempt, clock)
