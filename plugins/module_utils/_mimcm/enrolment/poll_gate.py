# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Poll the requests of a gate and give the verdict, for people of a desired-state file, a plan, or ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.apply import find_plan, is_gone
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.gate import (
    GateResult,
    PlanToGate,
    gate,
    is_plan,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.people import Person, check_scope
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.plan import PlanOptions
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import guids
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wait import WaitResult, wait_for
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting.engine import Pace


@dataclass(frozen=True)
class GateOptions:
    """The options of a gate.

    Args:
        people: The people of a desired-state file, None for none.
        scope: The name of the file.
        adopt_completed: Whether a Completed request without any key counts for them.
        plan: The result of mimcm_enrolments, used instead of the people; None for none.
        request_ids: The ids of further requests, None for none.
        states: The statuses that count as reached.
        pace: How long to wait and how often to poll.
        exit_code_waiting: The exit code while requests are waiting.
        exit_code_rejected: The exit code if a request was rejected.
        allow_empty: Whether a gate without requests and people is allowed.
    """

    people: Sequence[Person] | None
    scope: str | None
    adopt_completed: bool
    plan: PlanToGate | None
    request_ids: Sequence[str] | None
    states: Sequence[str]
    pace: Pace
    exit_code_waiting: int
    exit_code_rejected: int
    allow_empty: bool


def poll_gate(client: Client, options: GateOptions) -> tuple[GateResult, WaitResult]:
    """Return the verdict on the requests of a gate, and what the poll found.

    Raises:
        UsageError: There is nothing to poll, and that is not allowed.
        MimcmError: A request could not be polled.
    """
    plan = _plan(client, options)
    ids = guids([*plan.get("request_ids", []), *(options.request_ids or [])], "request_ids")
    outcome, polled = wait_for(client, ids, options.states, options.pace)
    seen = {request["uuid"] for request in polled["requests"]}
    # If the server does not answer, fail without a verdict, which would say nothing about the requests.
    error = outcome.fatal or (outcome.trouble if set(polled["timed_out"]) - seen else None)
    if error is None and polled["unreadable"] and not (polled["requests"] or polled["missing"]):
        # Nothing at all could be read, which says more about the server or the account than about the requests.
        error = outcome.errors[polled["unreadable"][0]]
    if error:
        raise error.with_details(polled)
    result = gate(polled, plan, options.exit_code_waiting, options.exit_code_rejected)
    if not result["counts"]["total"] and not options.allow_empty:
        raise UsageError(
            "No requests to check, and no people to request for",
            remedy="check the desired-state file (its key is gitops_people), or set allow_empty: true "
            "(gitops_allow_empty for the playbook) if that is intended",
        )
    return result, polled


def _plan(client: Client, options: GateOptions) -> PlanToGate:
    """Return the given plan, or make one for the given people without carrying it out."""
    if options.plan is not None:
        if not is_plan(options.plan):
            raise UsageError(
                "it is not the result of certops.mimcm.mimcm_enrolments",
                where="plan",
                remedy="give the apply.json of the apply step",
            )
        return options.plan
    if options.people is not None and options.scope:
        check_scope(options.scope)
        plan_options = PlanOptions(options.scope, False, options.adopt_completed, is_gone(client))
        plan, _known = find_plan(client, options.people, plan_options)
        return {
            "enrolments": [item.shown() for item in plan.enrolments],
            "removed": [item.shown() for item in plan.removals],
            "request_ids": plan.request_ids,
        }
    if options.request_ids is None:
        raise UsageError(
            "There is nothing to poll",
            remedy="set people and scope, plan_file or request_ids (request_gate_people and so on for the role; the "
            "playbook certops.mimcm.gitops_gate sets them with -e @people.yml)",
        )
    return {}
