# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write once over a connection that may break: look before sending again. No HTTP, and no clock of its own."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    ConnectionFailed,
    InvalidAnswer,
    MimcmError,
    ServerUnavailable,
    UsageError,
)

LOG = logging.getLogger("certops.mimcm.write")

T = TypeVar("T")

_FIRST_PAUSE = 0.5
_GROWTH = 2.0
_RETRY_AFTER_MAX = 30.0


@dataclass(frozen=True)
class Persistence:
    """How far to go when a connection breaks.

    Args:
        resends: How often to send again at the most, after it was found not to have been carried out.
        settle: For how many seconds to go on looking before that: a slow server may still be at work.
    """

    resends: int
    settle: float


def persistence(params: Mapping[str, Any]) -> Persistence:
    """Return what the options O(retries) and O(reconcile_timeout) ask for.

    Raises:
        UsageError: The time is not one.
    """
    if not 0 <= params["reconcile_timeout"] < math.inf:
        raise UsageError("reconcile_timeout must be 0 seconds or more.")
    return Persistence(params["retries"], params["reconcile_timeout"])


def write_once(
    send: Callable[[], T],
    look: Callable[[], T | None],
    what: str,
    how: Persistence,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Send something that must be carried out once, and return what came of it.

    When no answer comes, it may have been carried out or not. Then it is looked for, and sent again only if it is not
    there. An answer that cannot be read is looked for too, and never sent again.

    Args:
        send: Sends it.
        look: Returns what came of it if it was carried out, None if it was not.
        what: What it is, for messages.
        how: How often and how long.
        now: A monotonic clock.
        sleep: Sleeps for seconds.

    Raises:
        MimcmError: It was refused, or it is not known whether it was carried out; the message says which.
    """
    for resends_left in range(how.resends, -1, -1):
        try:
            return send()
        except (ConnectionFailed, ServerUnavailable, InvalidAnswer) as error:
            failure: MimcmError = error
        if getattr(failure, "sent", True):
            LOG.info("%s Looking whether %s was carried out", failure, what)
            found = _settled(look, what, failure, how.settle, now, sleep)
            if found is not None:
                return found
        if isinstance(failure, InvalidAnswer) or not resends_left:
            break
        LOG.info("%s was not carried out; sending it again", what.capitalize())
        sleep(min(getattr(failure, "retry_after", None) or _FIRST_PAUSE, _RETRY_AFTER_MAX))
    raise failure


def _settled(
    look: Callable[[], T | None],
    what: str,
    failure: MimcmError,
    settle: float,
    now: Callable[[], float],
    sleep: Callable[[float], None],
) -> T | None:
    """Look at once, and at growing intervals until the time is up; the last look must have been answered."""
    deadline, pause = now() + settle, _FIRST_PAUSE
    while True:
        trouble: MimcmError | None = None
        try:
            found = look()
        except (ConnectionFailed, ServerUnavailable) as error:
            found, trouble = None, error
        if found is not None:
            return found
        left = deadline - now()
        if left <= 0:
            break
        sleep(min(pause, left))
        pause *= _GROWTH
    if trouble is not None:
        raise type(failure)(
            f"{failure} It is not known whether {what} was carried out, because looking failed too: {trouble} "
            "Run the task again when the server answers; it looks first.",
            **failure.details,
        )
    return None
