# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The polling engine: poll requests until all have reached a status or have ended, or time is up. No HTTP."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Union

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    MimcmError,
    Recovery,
    Transient,
    UsageError,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import ENDED, reached_states
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.clock import SYSTEM, Backoff, Clock

_GROWTH = 1.5
# Jitter, so many waits do not poll at the same moments. Still, no pause is shorter than the one before it.
_JITTER = 0.2
_HEARTBEAT = 30.0


@dataclass(frozen=True)
class Pace:
    """How long to wait and how often to poll, in seconds."""

    timeout: float
    interval: float
    interval_max: float


def read_pace(wait_timeout: float, poll_interval: float, poll_interval_max: float) -> Pace:
    """Return the pace that the options of these names ask for.

    Raises:
        UsageError: A number is out of range.
    """
    # These comparisons are false for NaN, with which a wait would never end.
    if not 0 <= wait_timeout < math.inf:
        raise UsageError("wait_timeout must be 0 seconds or more")
    if not 0 < poll_interval < math.inf:
        raise UsageError("poll_interval must be more than 0 seconds")
    if not math.isfinite(poll_interval_max):
        raise UsageError("poll_interval_max must be a number of seconds")
    return Pace(wait_timeout, poll_interval, poll_interval_max)


@dataclass
class Outcome:
    """The outcome of a wait so far; every id is in exactly one of the five groups."""

    open: dict[str, None]
    """The ids of open requests in the order given; a dictionary, because thousands are removed one by one."""
    reached: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    requests: dict[str, Request] = field(default_factory=dict)
    errors: dict[str, MimcmError] = field(default_factory=dict)
    """Why a request could not be read in the last poll, by id; each is about this request alone."""
    polls: int = 0
    failed_polls: int = 0
    elapsed: float = 0.0
    answered: bool = False
    trouble: MimcmError | None = None
    """The error of the last poll, None if it was answered."""
    fatal: MimcmError | None = None
    """The error that ended the wait early."""


@dataclass(frozen=True)
class Moment:
    """The state of a wait that a watcher is told after each poll, and twice a minute in between."""

    outcome: Outcome
    changes: dict[str, str | None]
    remaining: float
    next_poll: float


Found = Union[Request, MimcmError, None]  # noqa: UP007
"""A request, None if the server does not have it, or the error because of which this one alone could not be read."""
Fetch = Callable[[Sequence[str], float], Iterable[tuple[str, Found]]]
"""Given the open ids and the seconds left, yields each id with what was found; raises MimcmError if all of it fails."""


def wait(
    fetch: Fetch,
    ids: Sequence[str],
    states: Iterable[str],
    pace: Pace,
    watch: Callable[[Moment], None] = lambda moment: None,
    clock: Clock = SYSTEM,
) -> Outcome:
    """Poll until every request has reached a state, has ended otherwise, is unknown or unreadable, or the time is up.

    There is a poll at the start and one at the deadline; the last pause is shortened to the time that remains. The wait
    survives errors that may pass, and counts them. Any other error about all requests ends it and is returned in
    C(fatal), so the results up to then are not lost. An error about one request never ends it for the others.

    Args:
        fetch: Looks requests up.
        ids: The requests' ids, each once.
        states: The statuses that count as reached; so do those that come after them.
        pace: Time-out and intervals; each interval is 1.5 times the one before, minus up to 20 % of jitter.
        watch: Called after each poll and every half minute.
        clock: The clock and the random numbers.
    """
    outcome = Outcome(open=dict.fromkeys(ids))
    success = reached_states(states)
    start = clock.now()
    deadline = start + pace.timeout
    pauses = Backoff(pace.interval, _GROWTH, longest=max(pace.interval, pace.interval_max), jitter=_JITTER)
    shortest = pace.interval
    while outcome.open:
        changes = _poll(fetch, outcome, success, deadline - clock.now())
        outcome.elapsed = clock.now() - start
        remaining = deadline - clock.now()
        if outcome.fatal or not outcome.open or remaining <= 0:
            _give_up_unread(outcome)
            watch(Moment(outcome, changes, max(remaining, 0.0), 0.0))
            break
        asked = outcome.trouble.retry_after if isinstance(outcome.trouble, Transient) else None
        if asked is None:
            shortest = max(shortest, pauses.pause(outcome.polls, clock))
        pause = min(_within(pace, shortest if asked is None else asked), remaining)
        watch(Moment(outcome, changes, remaining, pause))
        _sleep_watched(pause, outcome, deadline, clock, watch)
    return outcome


def _poll(fetch: Fetch, outcome: Outcome, success: frozenset[str], time_left: float) -> dict[str, str | None]:
    """Poll once, sort the requests into groups, and return the statuses that changed."""
    changes: dict[str, str | None] = {}
    outcome.polls += 1
    outcome.trouble = None
    try:
        for request_id, found in fetch(tuple(outcome.open), time_left):
            if isinstance(found, MimcmError):
                outcome.errors[request_id] = found
                continue
            outcome.answered = True
            outcome.errors.pop(request_id, None)
            before = outcome.requests.get(request_id)
            if found is None or before is None or before["status_code"] != found["status_code"]:
                changes[request_id] = found["status"] if found else None
            _sort(outcome, request_id, found, success)
    except MimcmError as error:
        outcome.failed_polls += 1
        outcome.trouble = error
        if not _may_pass(error, outcome.answered):
            outcome.fatal = error
    # After all answers of the poll, because they show whether the server works otherwise.
    for request_id, unread in outcome.errors.items():
        if request_id in outcome.open and not _may_pass(unread, outcome.answered):
            _move(outcome, request_id, outcome.unreadable)
            changes[request_id] = None
    return changes


def _sort(outcome: Outcome, request_id: str, found: Request | None, success: frozenset[str]) -> None:
    """Move a request to the group of its outcome if it has one; a request in an unknown status stays open."""
    if found is not None:
        outcome.requests[request_id] = found
    status = found["status"] if found else None
    if found is None:
        _move(outcome, request_id, outcome.missing)
    elif status in success:
        _move(outcome, request_id, outcome.reached)
    elif status in ENDED:
        _move(outcome, request_id, outcome.rejected)


def _move(outcome: Outcome, request_id: str, group: list[str]) -> None:
    del outcome.open[request_id]
    group.append(request_id)


def _give_up_unread(outcome: Outcome) -> None:
    """Count requests as unreadable that are left over at the end of the wait because no poll could read them."""
    for request_id in [one for one in outcome.errors if one in outcome.open and one not in outcome.requests]:
        _move(outcome, request_id, outcome.unreadable)


def _may_pass(error: MimcmError, answered: bool) -> bool:
    return error.recovery is Recovery.ALWAYS or (error.recovery is Recovery.ONCE_ANSWERED and answered)


def _within(pace: Pace, seconds: float) -> float:
    """Return a pause within the limits of the two intervals, even if the server asks for another."""
    return min(max(seconds, pace.interval), max(pace.interval, pace.interval_max))


def _sleep_watched(
    seconds: float, outcome: Outcome, deadline: float, clock: Clock, watch: Callable[[Moment], None]
) -> None:
    """Sleep, and let the watcher know every half minute that the wait is alive."""
    # The watcher may have taken some time to show the last poll; that does not move the deadline.
    end = min(clock.now() + seconds, deadline)
    while (left := end - clock.now()) > 0:
        clock.sleep(min(left, _HEARTBEAT))
        left = end - clock.now()
        if left > 0:
            watch(Moment(outcome, {}, deadline - clock.now(), left))
