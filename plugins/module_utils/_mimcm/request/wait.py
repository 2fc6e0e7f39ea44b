# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wait for requests: run the polling engine with calls to the API, and return the outcome as users see it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import TypedDict

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import unknown_code_warnings
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.lookup import RequestFinder
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.clock import Clock
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.parent_process import sleep_while_wanted
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting.engine import Found, Outcome, Pace, wait
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting.progress import progress
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting.report import problems

LOG = logging.getLogger("certops.mimcm.wait")


class WaitResult(TypedDict):
    """The requests grouped by outcome, and the cost of the wait."""

    requests: list[Request]
    reached: list[str]
    rejected: list[str]
    timed_out: list[str]
    missing: list[str]
    unreadable: list[str]
    problems: dict[str, str]
    polls: int
    failed_polls: int
    http_calls: int
    elapsed: float
    warnings: list[str]


def wait_for(client: Client, ids: Sequence[str], states: Sequence[str], pace: Pace) -> tuple[Outcome, WaitResult]:
    """Wait until every request has reached a state, has ended otherwise, is unknown or unreadable, or the time is up.

    Args:
        client: The API.
        ids: The requests' ids, normalised, each once.
        states: The statuses that count as reached.
        pace: How long to wait and how often to poll; with a time-out of 0 there is one poll.
    """
    calls_before = client.http_calls
    finder = RequestFinder(client)

    def fetch(open_ids: Sequence[str], time_left: float) -> Iterator[tuple[str, Found]]:
        # A single poll has no deadline, so it keeps its full time-out and its retries.
        with client.limited_to(time_left) if pace.timeout else nullcontext():
            yield from finder.find(open_ids)

    outcome = wait(fetch, ids, states, pace, progress(LOG.info), Clock(sleep=sleep_while_wanted()))
    return outcome, _result(outcome, ids, pace, client.http_calls - calls_before)


def _result(outcome: Outcome, ids: Sequence[str], pace: Pace, http_calls: int) -> WaitResult:
    order = {request_id: position for position, request_id in enumerate(ids)}
    found = [outcome.requests[request_id] for request_id in ids if request_id in outcome.requests]
    return {
        "requests": found,
        "reached": sorted(outcome.reached, key=order.__getitem__),
        "rejected": sorted(outcome.rejected, key=order.__getitem__),
        "timed_out": sorted(outcome.open, key=order.__getitem__),
        "missing": sorted(outcome.missing, key=order.__getitem__),
        "unreadable": sorted(outcome.unreadable, key=order.__getitem__),
        "problems": {request_id: str(error) for request_id, error in problems(outcome, pace.timeout).items()},
        "polls": outcome.polls,
        "failed_polls": outcome.failed_polls,
        "http_calls": http_calls,
        "elapsed": round(outcome.elapsed, 3),
        "warnings": unknown_code_warnings(found),
    }
