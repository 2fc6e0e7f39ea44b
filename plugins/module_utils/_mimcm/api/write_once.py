# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write once over a connection that may break: look before sending again. No HTTP, and no clock of its own."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    InvalidAnswer,
    MimcmError,
    Transient,
    UsageError,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.clock import SYSTEM, Backoff, Clock
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.retry import CALLS

LOG = logging.getLogger("certops.mimcm.write")

T = TypeVar("T")

# How long settle lasts is the user's to say: the pauses may grow as far.
_LOOKS = Backoff(first=CALLS.first, growth=CALLS.growth, longest=math.inf)


@dataclass(frozen=True)
class Persistence:
    """How far to go when a connection breaks.

    Args:
        resends: How often to send again at the most, after it was found not to have been carried out.
        settle: For how many seconds to go on looking before that: a slow server may still be at work.
    """

    resends: int
    settle: float


def persistence(retries: int, reconcile_timeout: float) -> Persistence:
    """Return what the options of these names ask for.

    Raises:
        UsageError: The time is not one.
    """
    if not 0 <= reconcile_timeout < math.inf:
        raise UsageError("reconcile_timeout must be 0 seconds or more")
    return Persistence(retries, reconcile_timeout)


def write_once(
    send: Callable[[], T],
    look: Callable[[], T | None],
    what: str,
    how: Persistence,
    clock: Clock = SYSTEM,
) -> T:
    """Send something that must be carried out once, and return what came of it.

    When no answer comes, it may have been carried out or not. Then it is looked for, and sent again only if it is not
    there. After an answer that cannot be read it is looked for too, and never sent again.

    Args:
        send: Sends it.
        look: Returns what came of it if it was carried out, None if it was not.
        what: The name of it for messages, such as "the creation of the request".
        how: How often and how long.
        clock: Time.

    Raises:
        MimcmError: It was refused, or it is not known whether it was carried out; the message says which.
    """
    for resends_left in range(how.resends, -1, -1):
        try:
            return send()
        except InvalidAnswer as error:
            failure: MimcmError = error
            may_have_arrived, pause = True, None
        except Transient as error:
            failure = error
            may_have_arrived, pause = error.sent, CALLS.asked(error.retry_after or CALLS.first)
        if may_have_arrived:
            LOG.info("%s Looking whether %s was carried out", failure, what)
            found = _settled(look, what, failure, how.settle, clock)
            if found is not None:
                return found
        if pause is None or not resends_left:
            break
        LOG.info("%s was not carried out; sending it again", what.capitalize())
        clock.sleep(pause)
    raise failure


def _settled(look: Callable[[], T | None], what: str, failure: MimcmError, settle: float, clock: Clock) -> T | None:
    """Look at once, and at growing intervals until the time is up; the last look must have been answered."""
    deadline, attempt = clock.now() + settle, 0
    while True:
        trouble: MimcmError | None = None
        try:
            found = look()
        except Transient as error:
            found, trouble = None, error
        if found is not None:
            return found
        left = deadline - clock.now()
        if left <= 0:
            break
        attempt += 1
        clock.sleep(min(_LOOKS.bound(attempt), left))
    if trouble is not None:
        raise failure.replaced(
            addition=f"and it is not known whether {what} was carried out, because looking for it failed too: "
            f"{trouble.fact}",
            remedy="run the task again when the server answers; it looks first",
        )
    return None
