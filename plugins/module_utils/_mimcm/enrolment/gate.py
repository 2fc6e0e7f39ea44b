# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate of a pipeline: one verdict on many requests, with an exit code. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.plan import ShownEnrolment, ShownRemoval
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wanted import ask_again


class PolledRequests(TypedDict):
    """The part of the result of mimcm_request_wait that a gate needs."""

    requests: list[Request]
    problems: dict[str, str]
    reached: list[str]
    rejected: list[str]
    timed_out: list[str]
    missing: list[str]
    unreadable: list[str]


class PlanToGate(TypedDict, total=False):
    """The part of the result of mimcm_enrolments that a gate needs."""

    enrolments: Sequence[ShownEnrolment]
    removed: Sequence[ShownRemoval]
    request_ids: Sequence[str]


class GateRequest(TypedDict):
    """One request and its outcome, or the entry of a person who has no request yet."""

    request_id: str | None
    name: str | None
    target: str | None
    profile_template: str | None
    request_type: str | None
    comment: str | None
    status: str | None
    outcome: str
    problem: str | None


class GateResult(TypedDict):
    """The verdict, and the requests that it is based on."""

    verdict: str
    exit_code: int
    counts: dict[str, int]
    requests: list[GateRequest]
    removed: list[ShownRemoval]


# The verdict that each outcome leads to; the worst one decides.
_VERDICTS = {
    "reached": "reached",
    "waiting": "waiting",
    "rejected": "rejected",
    "missing": "rejected",
    "unreadable": "rejected",
    "failed": "rejected",
}


def gate(polled: PolledRequests, plan: PlanToGate, exit_code_waiting: int, exit_code_rejected: int) -> GateResult:
    """Return the verdict on whether a pipeline may go on.

    Args:
        polled: The polled requests and their outcomes.
        plan: The people to whom the requests belong, and those who have no request yet; empty if not known.
        exit_code_waiting: The exit code while requests are waiting.
        exit_code_rejected: The exit code if a request was rejected.
    """
    requests = [*_polled(polled, plan), *_without_request(plan)]
    verdicts = {_VERDICTS[item["outcome"]] for item in requests}
    verdict = next((name for name in ("rejected", "waiting") if name in verdicts), "reached")
    counted = Counter(item["outcome"] for item in requests)
    exit_codes = {"reached": 0, "waiting": exit_code_waiting, "rejected": exit_code_rejected}
    return {
        "verdict": verdict,
        "exit_code": exit_codes[verdict],
        "counts": {"total": len(requests), **{name: counted[name] for name in _VERDICTS}},
        "requests": requests,
        "removed": [item for item in plan.get("removed", []) if item["action"] != "none"],
    }


def _outcomes(polled: PolledRequests) -> dict[str, str]:
    """Return the outcome of each request by its id."""
    groups = {
        "reached": polled["reached"],
        "rejected": polled["rejected"],
        "waiting": polled["timed_out"],
        "missing": polled["missing"],
        # A result that was saved by an earlier version of the collection does not have it.
        "unreadable": polled.get("unreadable", []),
    }
    return {request_id: outcome for outcome, ids in groups.items() for request_id in ids}


def _polled(polled: PolledRequests, plan: PlanToGate) -> Iterator[GateRequest]:
    """Yield each polled request, with the person from the plan, in the order of the plan."""
    known = {item["uuid"]: item for item in polled["requests"]}
    enrolments = {item["request_id"]: item for item in plan.get("enrolments", []) if item["request_id"]}
    outcomes = _outcomes(polled)
    for request_id in dict.fromkeys([*enrolments, *plan.get("request_ids", []), *outcomes]):
        if request_id in outcomes:
            problem = polled["problems"].get(request_id)
            yield _described(
                request_id, outcomes[request_id], problem, known.get(request_id), enrolments.get(request_id)
            )


def _described(
    request_id: str, outcome: str, problem: str | None, request: Request | None, enrolment: ShownEnrolment | None
) -> GateRequest:
    found: GateRequest = {
        "request_id": request_id,
        "name": None,
        "target": request["target_user_uuid"] if request else None,
        "profile_template": request["profile_template_uuid"] if request else None,
        "request_type": request["request_type"] if request else None,
        "comment": request["comment"] if request else None,
        "status": request["status"] if request else None,
        "outcome": outcome,
        "problem": problem,
    }
    if enrolment:
        found["name"] = enrolment["name"]
        found["target"] = enrolment["target"] or found["target"]
        found["profile_template"] = enrolment["profile_template"] or found["profile_template"]
        if outcome == "rejected":
            found["problem"] = ask_again(request_id, found["status"], enrolment["name"], enrolment["generation"])
    return found


def _without_request(plan: PlanToGate) -> list[GateRequest]:
    """Return an entry for each person in the plan who has no request yet."""
    return [
        {
            "request_id": None,
            "name": item["name"],
            "target": item["target"],
            "profile_template": item["profile_template"],
            "request_type": "Enroll",
            "comment": None,
            "status": None,
            "outcome": "failed" if item["outcome"] == "failed" else "waiting",
            "problem": item["problem"] or "There is no request yet; run the apply step.",
        }
        for item in plan.get("enrolments", [])
        if not item["request_id"]
    ]


def is_plan(found: object) -> bool:
    """Return whether a value looks like the result of mimcm_enrolments."""
    return isinstance(found, Mapping) and isinstance(found.get("request_ids"), (list, tuple))
