# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcome of a wait in words: which request, which status, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting.engine import Outcome

_NAMED = 20

_REMEDY = {
    "Completed": "has ended as Completed; check that states names the status that is meant",
    "Denied": "was Denied and cannot be resumed; ask its approver for the reason, and create a new request",
    "Canceled": "was Canceled and cannot be resumed; create a new request if it is still needed",
    "Failed": "Failed or was abandoned; look for the reason in the MIM CM portal, and create a new request",
}
_OPEN = {
    "Pending": "it waits for an approver; have it approved in the MIM CM portal, and run the play again",
    "Approved": "it waits to be executed; execute it, and run the play again",
    "Executing": "it is being executed; run the play again when it is done",
}


def problems(outcome: Outcome, timeout: float) -> dict[str, str]:
    """Return, for the id of each request that did not get there, a sentence that says why and what to do.

    Args:
        outcome: Of the wait.
        timeout: How many seconds the wait was to last at the most.
    """
    sentences: dict[str, Callable[[str], str]] = {
        **dict.fromkeys(outcome.rejected, lambda request_id: _REMEDY[_status(outcome, request_id)]),
        **dict.fromkeys(outcome.open, lambda request_id: _still(outcome, request_id, timeout)),
        **dict.fromkeys(
            outcome.missing,
            lambda request_id: "is not known to the server, or the account may not read it; check the id",
        ),
    }
    return {request_id: f"Request {request_id} {tell(request_id)}." for request_id, tell in sentences.items()}


def failure(outcome: Outcome, failed: Sequence[str], states: Sequence[str], sentences: dict[str, str]) -> str:
    """Return the message of a failed wait: it names each request that made it fail, and its status.

    Args:
        outcome: Of the wait.
        failed: The ids of those requests.
        states: What was waited for.
        sentences: What L(problems) returned.
    """
    if len(failed) == 1:
        text = sentences[failed[0]]
    else:
        total = len(outcome.open) + len(outcome.reached) + len(outcome.rejected) + len(outcome.missing)
        named = ", ".join(f"{request_id} is {_short(outcome, request_id)}" for request_id in failed[:_NAMED])
        more = f", and {len(failed) - _NAMED} more" if len(failed) > _NAMED else ""
        text = (
            f"{len(failed)} of {total} requests did not reach {' or '.join(states)}: {named}{more}; "
            "problems in the result says what to do about each."
        )
    return f"{text} The last look was not answered: {outcome.trouble}" if outcome.trouble else text


def _status(outcome: Outcome, request_id: str) -> str:
    request = outcome.requests[request_id]
    return str(request["status"] or f"in the unknown status {request['status_code']}")


def _still(outcome: Outcome, request_id: str, timeout: float) -> str:
    after = f"after {timeout:g} s" if timeout else "when it was looked at"
    if request_id not in outcome.requests:
        return f"could not be looked at before the wait ended {after}; see why the server did not answer"
    status = _status(outcome, request_id)
    return f"was still {status} {after}; {_OPEN.get(status, 'look at it in the MIM CM portal, and run the play again')}"


def _short(outcome: Outcome, request_id: str) -> str:
    if request_id in outcome.requests:
        still = "still " if request_id in outcome.open else ""
        return still + _status(outcome, request_id)
    return "unknown to the server" if request_id in outcome.missing else "not seen"
