# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turn the outcome of a wait into errors: which request, which status, and what to do. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MimcmError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.text import some
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting.engine import Outcome

_NAMED = 20

_Problem = tuple[str, "str | None"]
"""What happened to a request, and what to do about it."""
_ENDED: dict[str, _Problem] = {
    "Completed": ("has ended as Completed", "check that states lists the status to wait for"),
    "Denied": ("was Denied and cannot be resumed", "ask its approver for the reason, and create a new request"),
    "Canceled": ("was Canceled and cannot be resumed", "create a new request if it is still needed"),
    "Failed": (
        "Failed or was abandoned",
        "find the reason in the MIM CM portal, and create a new request",
    ),
}
_MISSING: _Problem = ("does not exist on the server, or the account may not read it", "check the id")
_OPEN = {
    "Pending": "it is waiting for an approver; have it approved in the MIM CM portal, and run the play again",
    "Approved": "it is waiting to be executed; execute it, and run the play again",
    "Executing": "it is being executed; run the play again when it is done",
}
_OPEN_OTHERWISE = "look at it in the MIM CM portal, and run the play again"


def problems(outcome: Outcome, timeout: float) -> dict[str, MimcmError]:
    """Return an error, by id, for each request that did not reach a wanted status.

    Args:
        outcome: The outcome of the wait.
        timeout: The time-out of the wait in seconds.
    """
    groups: tuple[tuple[Sequence[str], Callable[[str], _Problem]], ...] = (
        (outcome.rejected, lambda request_id: _ENDED[_status(outcome, request_id)]),
        (list(outcome.open), lambda request_id: _still_open(outcome, request_id, timeout)),
        (outcome.missing, lambda request_id: _MISSING),
    )
    explained = {
        request_id: MimcmError(f"Request {request_id} {what}", remedy=remedy)
        for group, explain in groups
        for request_id in group
        for what, remedy in (explain(request_id),)
    }
    return {**explained, **{request_id: outcome.errors[request_id] for request_id in outcome.unreadable}}


def failure(
    outcome: Outcome,
    failed: Sequence[str],
    states: Sequence[str],
    found: Mapping[str, MimcmError],
) -> MimcmError:
    """Return the error of a failed wait, which names each request that made it fail, and its status.

    Args:
        outcome: The outcome of the wait.
        failed: The ids of the requests that made it fail.
        states: The statuses that were waited for.
        found: The errors of the requests; see L(problems).
    """
    if len(failed) == 1:
        error = found[failed[0]]
    else:
        groups = (outcome.open, outcome.reached, outcome.rejected, outcome.missing, outcome.unreadable)
        total = sum(len(group) for group in groups)
        each = (f"{request_id} is {_short(outcome, request_id)}" for request_id in failed)
        error = MimcmError(
            f"{len(failed)} of {total} requests did not reach {' or '.join(states)}",
            reason=some(each, len(failed), _NAMED),
            remedy="`problems` in the result says what to do about each",
        )
    trouble = outcome.trouble
    if trouble is None or set(failed) <= set(outcome.unreadable):
        return error
    # Both are worth doing: something about the request, and something about the connection.
    remedy = "; ".join(filter(None, (error.remedy, trouble.remedy)))
    return error.replaced(addition=f"and the last poll got no answer: {trouble.fact}", remedy=remedy)


def _status(outcome: Outcome, request_id: str) -> str:
    request = outcome.requests[request_id]
    return str(request["status"] or f"in the unknown status {request['status_code']}")


def _still_open(outcome: Outcome, request_id: str, timeout: float) -> _Problem:
    after = f"after {timeout:g} s" if timeout else "when it was polled"
    if request_id not in outcome.requests:
        return f"could not be read before the wait ended {after}", "find out why the server did not answer"
    status = _status(outcome, request_id)
    if request_id in outcome.errors:
        error = outcome.errors[request_id]
        return f"was {status} when it was last read, and could not be read {after}: {error.fact}", error.remedy
    return f"was still {status} {after}", _OPEN.get(status, _OPEN_OTHERWISE)


def _short(outcome: Outcome, request_id: str) -> str:
    if request_id in outcome.requests:
        still = "still " if request_id in outcome.open else ""
        return still + _status(outcome, request_id)
    if request_id in outcome.unreadable:
        return "unreadable"
    return "unknown to the server" if request_id in outcome.missing else "not seen"
