# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write exactly once over a connection that may break: check the server before sending again. No HTTP."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
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

# The pauses between checks may grow without limit, because the user limits the whole time (reconcile_timeout).
_CHECKS = Backoff(first=CALLS.first, growth=CALLS.growth, longest=math.inf)


@dataclass(frozen=True)
class Persistence:
    """How hard to try when a connection breaks during a write.

    Args:
        resends: How often to send the write again at the most, after finding that it was not carried out.
        settle: For how many seconds to keep checking before that: a slow server may still be carrying it out.
    """

    resends: int
    settle: float


def persistence(retries: int, reconcile_timeout: float) -> Persistence:
    """Return the persistence for the options of these names.

    Raises:
        UsageError: The time is negative or infinite.
    """
    if not 0 <= reconcile_timeout < math.inf:
        raise UsageError("reconcile_timeout must be 0 seconds or more")
    return Persistence(retries, reconcile_timeout)


NOT_THERE = "the server does not have it, or the account may not read it"
"""What is different about something that an answer names, and that cannot be found."""


def another_than_wanted(named: str, differences: Sequence[str], what: str) -> InvalidAnswer:
    """Return the error for a creation whose answer names something else than what was to be created.

    C(write_once) treats it as an answer that cannot be read: it looks for what was created, and never sends again.

    Args:
        named: What the answer names, such as "request a9b4b42c-...".
        differences: In what that differs, as clauses.
        what: The name of the write.
    """
    return InvalidAnswer(
        f"The server answered {what} with {named}, which is another one",
        reason="; ".join(differences),
        remedy="nothing else fits, so look in the MIM CM portal before you run the task again",
        changed=True,
    )


def unread(done: str, error: MimcmError, **details: str) -> MimcmError:
    """Return the error for a creation whose result could not be read afterwards.

    Args:
        done: What was created, such as "Request a9b4b42c-... was created".
        error: Why it could not be read.
        details: The id of what was created, for the failed task to return.
    """
    return MimcmError(
        f"{done}, but reading it afterwards failed",
        reason=error.fact,
        remedy=error.remedy,
        **error.details,
        changed=True,
        **details,
    )


def write_once(
    send: Callable[[], T],
    look: Callable[[], T | None],
    what: str,
    how: Persistence,
    clock: Clock = SYSTEM,
) -> T:
    """Send a write that must be carried out exactly once, and return its result.

    Without an answer, it is not known whether the write was carried out. The server is checked then, and the write is
    sent again only if its result does not exist. After an answer that cannot be read the server is checked too, and the
    write is never sent again.

    Args:
        send: Sends the write, and returns its result.
        look: Checks the server: returns the result if the write was carried out, None if it was not.
        what: The name of the write for messages, such as "the creation of the request".
        how: How often and how long to try.
        clock: The clock.

    Raises:
        MimcmError: The write was refused, or it is not known whether it was carried out; the message says which.
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
            LOG.info("%s Checking whether %s was carried out", failure, what)
            found = _settled(look, what, failure, how.settle, clock)
            if found is not None:
                return found
        if pause is None or not resends_left:
            break
        LOG.info("%s was not carried out; sending it again", what.capitalize())
        clock.sleep(pause)
    raise failure


def _settled(look: Callable[[], T | None], what: str, failure: MimcmError, settle: float, clock: Clock) -> T | None:
    """Check the server now and at growing intervals until the time is up, and return the result of the write if found.

    Raises:
        MimcmError: The last check failed too, so it is not known whether the write was carried out.
    """
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
        clock.sleep(min(_CHECKS.bound(attempt), left))
    if trouble is not None:
        raise failure.replaced(
            addition=f"and it is not known whether {what} was carried out, because checking that failed too: "
            f"{trouble.fact}",
            remedy="run the task again when the server answers; it checks that first",
        )
    return None
