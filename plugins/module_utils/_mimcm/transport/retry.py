# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often a call is tried again, and how long the pause before is. No I/O."""

from __future__ import annotations

import random
from collections.abc import Callable

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    ConnectionFailed,
    MimcmError,
    ServerUnavailable,
)

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
# So that five hundred hosts that failed in the same moment do not come back in the same moment.
_JITTER = 0.5


def pause_before(
    attempt: int, error: MimcmError, writes: bool, jitter: Callable[[float, float], float] = random.uniform
) -> float | None:
    """Return how many seconds to wait before a call is sent again, None when it must not be.

    What reads is sent again after every error that may pass. What writes is sent again only if it cannot have arrived.

    Args:
        attempt: Which attempt it would be, 1 for the first repetition.
        error: What happened.
        writes: Whether the call may change something.
        jitter: Returns a number between two.
    """
    if not isinstance(error, (ConnectionFailed, ServerUnavailable)) or (writes and error.sent):
        return None
    asked = getattr(error, "retry_after", None)
    if asked is not None:
        return min(asked, _LONGEST_PAUSE)
    longest = min(_FIRST_PAUSE * 2.0 ** (attempt - 1), _LONGEST_PAUSE)
    return longest * jitter(1 - _JITTER, 1.0)
