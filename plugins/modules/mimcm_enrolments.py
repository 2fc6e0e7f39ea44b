#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create the requests that a desired-state file describes for many people."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_enrolments
short_description: Create the MIM CM requests described by a desired-state file
version_added: 0.2.0
description:
  - Takes a list of people with the profile templates that each should have, and creates the missing enrolment requests,
    in one task.
  - It reads the profile templates once and the requests once, however many people there are.
  - A request is recognised by a key in its comment, made of O(scope), the person and the profile template. So a run
    with the same list changes nothing, whatever has happened to the requests in between.
  - Requests it made that no listed person needs any more are reported; only with O(removed=revoke) are they canceled or
    revoked.
  - It does not wait. Approvals are given by people; check for them later with the role C(certops.mimcm.request_gate),
    or with M(certops.mimcm.mimcm_request_wait).
extends_documentation_fragment:
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.connection
  - certops.mimcm.auth
attributes:
  check_mode:
    support: full
    details:
      - It only reads, and predicts the changes. A request that would be created has no id yet.
  diff_mode:
    support: full
    details:
      - The diff has a line for each request that is created, canceled, or created to revoke something.
  async:
    support: full
options:
  people:
    description:
      - The people, each with the profile templates they should have. Each person may be listed only once.
      - O(removed) applies to a person who is no longer in the list, and to a profile template that is no longer listed
        for a person.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - The person's name in messages and summaries.
        type: str
        required: true
      target:
        description:
          - The user's C(objectGUID) in Active Directory, in any case, with or without braces. The API has no call to
            look up a user.
          - Required.
        type: str
      templates:
        description:
          - The profile templates that the person should have, each by its id (a GUID) or by its exact name.
          - Required; may be empty.
        type: list
        elements: str
      data_collection:
        description:
          - The values of the data collection items, by their names in the workflow policies of the profile templates.
          - Names and values are text; a number, a date, or true or false without quotes is refused, because YAML
            changes it.
        type: dict
        default: {}
      comment:
        description:
          - A remark for the approver. Together with the key, it may have up to 256 characters.
        type: str
        default: ""
      priority:
        description:
          - The priority of the request, from 0 (highest) to 255 (lowest). By default, the server uses the default of
            the workflow policy.
        type: int
      generation:
        description:
          - Raise it by one to request everything again for this person, for example after a request was Denied or a
            card was lost. A request of an earlier generation that is still open is not created a second time.
        type: int
        default: 1
  scope:
    description:
      - A name for the desired-state file, with 1 to 16 letters, digits or the characters C(._-). Files with different
        scopes do not touch each other's requests, so several files can be used for different people.
      - It is part of the keys. With another scope, everything would be requested again.
    type: str
    required: true
  removed:
    description:
      - What to do with requests that a run with this O(scope) made and that no listed person needs any more.
      - V(report) only returns them in RV(removed).
      - V(revoke) cancels an open request, and for the card or profile that a Completed request produced, creates one
        request of type C(Revoke). None is created for a card or profile that is already Disabled or Retired.
      - A request that ended with any other status has produced nothing, and is left out.
    type: str
    choices: [report, revoke]
    default: report
  allow_empty:
    description:
      - Whether O(people) may be empty with O(removed=revoke). By default, that is an error, so that a broken file does
        not revoke everything.
    type: bool
    default: false
  adopt_completed:
    description:
      - Whether a Completed request without a key counts for the same person and profile template, for people who had
        their cards before there was a desired-state file. It counts only for a O(people[].generation) of 1, and not if
        its card or profile is Disabled or Retired, which takes one more call to find out.
      - The file does not take such a request over. When the person is removed, the request is neither reported nor
        revoked.
      - An open request without a key always counts; no second request is created next to it.
    type: bool
    default: true
  data_collection_format:
    description:
      - How to send O(people[].data_collection). Both forms are documented, but not which of them a server accepts.
      - V(list) sends a list with one object per item, V(string) a string that contains the JSON of that list. An empty
        collection is always sent as a string.
    type: str
    choices: [list, string]
    default: list
  check_policy:
    description:
      - Whether to check a request against the profile template's workflow policy before it is created. Each policy is
        read once for all people.
      - If the account may not read the policy, or the server has none, there is a warning instead of a check.
    type: bool
    default: true
  reconcile_timeout:
    description:
      - If the connection breaks or times out after a creation was sent, the task looks for the request, and sends it
        again only if it does not find it. This is how many seconds to keep looking before sending it again, because a
        slow server may still create it.
    type: float
    default: 10
notes:
  - A request that was Denied, Canceled or Failed is not created again, so that running the same file does not ask an
    approver again. It is returned with the outcome C(rejected); raise O(people[].generation) to request it again.
  - A person who was removed and revoked, and is in the list again, gets a new request.
  - If one person's request cannot be created, the others are still created. The task fails at the end, with all results
    in the failed result.
  - The API has no transactions, so two tasks with the same O(scope) at the same moment can both create a request
    for the same. Each task therefore reads the requests once more after it created some. Both continue with the
    request that was submitted first, of several with the same time the one with the lowest id, and the other task
    cancels the request that it created, for which it reports no change. A request that was approved or begun in the
    meantime, or that the account may not cancel, is named in a warning.
  - O(removed) has no such protection. Do not run two tasks with the same O(scope) and different O(people) at the same
    time.
seealso:
  - module: certops.mimcm.mimcm_request
  - module: certops.mimcm.mimcm_request_wait
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Create the requests described by the list
  certops.mimcm.mimcm_enrolments:
    url: https://cm.contoso.com
    scope: staff
    people:
      - name: alice
        target: 6a7e0f10-31c4-4b7e-8f55-90d1c2b3a001
        templates:
          - FIM CM Sample Smart Card Logon Profile Template
      - name: bruno
        target: 6a7e0f10-31c4-4b7e-8f55-90d1c2b3a002
        templates:
          - FIM CM Sample Smart Card Logon Profile Template
          - FIM CM Sample Profile Template
        comment: Second office
        generation: 2
  register: applied

- name: Show what would be requested, and who has been removed
  certops.mimcm.mimcm_enrolments:
    url: https://cm.contoso.com
    scope: staff
    people: []
  check_mode: true
  register: plan

- name: Revoke the cards and profiles of people who have left
  certops.mimcm.mimcm_enrolments:
    url: https://cm.contoso.com
    scope: staff
    people:
      - name: alice
        target: 6a7e0f10-31c4-4b7e-8f55-90d1c2b3a001
        templates: [FIM CM Sample Smart Card Logon Profile Template]
    removed: revoke

- name: Check once whether all requests have been approved
  certops.mimcm.mimcm_request_wait:
    url: https://cm.contoso.com
    request_ids: "{{ applied.request_ids }}"
    wait_timeout: 0
    fail_on: []
"""

RETURN = r"""
enrolments:
  description: The enrolments, one for each person and profile template, in the order of O(people).
  returned: when the server was asked
  type: list
  elements: dict
  contains:
    name:
      description: The person's name in O(people).
      type: str
    target:
      description: The user's id, in lower case without braces.
      type: str
    profile_template:
      description: The profile template as given in O(people).
      type: str
    profile_template_uuid:
      description: The profile template's id.
      type: str
    generation:
      description: The person's generation in O(people).
      type: int
    key:
      description: The key by which the request is recognised.
      type: str
    action:
      description: V(create) for a request that is, or would be, created; V(none) for one that exists.
      type: str
    outcome:
      description:
        - V(open), V(completed), or V(rejected) for a request that was Denied, Canceled or Failed and is not created
          again; V(failed) for one that could not be created.
      type: str
    request_id:
      description: The request's id; null if it would be created.
      type: str
    status:
      description: The request's status; null if it would be created.
      type: str
    problem:
      description: A sentence that says what is wrong and what to do; null if nothing is wrong.
      type: str
  sample:
    - name: alice
      target: 6a7e0f10-31c4-4b7e-8f55-90d1c2b3a001
      profile_template: FIM CM Sample Smart Card Logon Profile Template
      profile_template_uuid: 2b7044cf-aa96-4911-b886-177947e9271b
      generation: 1
      key: staff/6a7e0f10-31c4-4b7e-8f55-90d1c2b3a001/2b7044cf
      action: create
      outcome: open
      request_id: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
      status: Pending
      problem: null
removed:
  description: Requests for templates that are no longer assigned to the person.
  returned: when the server was asked
  type: list
  elements: dict
  contains:
    request_id:
      description: The id of the request that a run with this O(scope) made.
      type: str
    target:
      description: The user's id.
      type: str
    profile_template_uuid:
      description: The profile template's id.
      type: str
    status:
      description: The request's status.
      type: str
    key:
      description: The key of the request.
      type: str
    action:
      description:
        - V(report), V(cancel) or V(revoke); V(none) if a revocation has already been requested, or if the card or
          profile that it produced is Disabled or Retired.
      type: str
    revocation_id:
      description: The id of the request of type C(Revoke); null if there is none or it would be created.
      type: str
    problem:
      description: A sentence that says what is wrong and what to do; null if nothing is wrong.
      type: str
  sample:
    - request_id: 0c96d73f-967b-420e-854a-43ad2a1504bc
      target: 6a7e0f10-31c4-4b7e-8f55-90d1c2b3a003
      profile_template_uuid: 2b7044cf-aa96-4911-b886-177947e9271b
      status: Completed
      key: staff/6a7e0f10-31c4-4b7e-8f55-90d1c2b3a003/2b7044cf
      action: report
      revocation_id: null
      problem: null
request_ids:
  description: The ids of all requests to check later, those of RV(enrolments) and the revocations.
  returned: when the server was asked
  type: list
  elements: str
  sample: ["a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"]
rejected:
  description: The ids of the requests that were rejected.
  returned: when the server was asked
  type: list
  elements: str
  sample: []
summary:
  description:
    - Counts. C(people), C(enrolments) and C(removed) count all; C(create), C(cancel), C(revoke) and C(report) by
      action; C(open), C(completed), C(rejected) and C(failed) by outcome.
    - A request that could not be created, canceled or revoked counts as C(failed), not by its action.
  returned: when the server was asked
  type: dict
  sample:
    people: 1
    enrolments: 1
    removed: 1
    create: 1
    cancel: 0
    revoke: 0
    report: 1
    open: 1
    completed: 0
    rejected: 0
    failed: 0
markdown:
  description: A summary of the result in Markdown.
  returned: when the server was asked
  type: str
  sample: "## Plan: staff\n\n1 would be created, ..."
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.write_once import persistence
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.apply import Applied, ApplyOptions, apply
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.markdown import plan_markdown
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.people import check_scope
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.plan import (
    Enrolment,
    Plan,
    Removal,
    ShownEnrolment,
    ShownRemoval,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MimcmError, UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import (
    COMMON_SPEC,
    PEOPLE_SPEC,
    own_options,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import run_module
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.text import some

ARGUMENT_SPEC = {
    **COMMON_SPEC,
    "people": {**PEOPLE_SPEC, "required": True},
    "scope": {"type": "str", "required": True},
    "removed": {"type": "str", "choices": ["report", "revoke"], "default": "report"},
    "allow_empty": {"type": "bool", "default": False},
    "adopt_completed": {"type": "bool", "default": True},
    "data_collection_format": {"type": "str", "choices": ["list", "string"], "default": "list"},
    "check_policy": {"type": "bool", "default": True},
    "reconcile_timeout": {"type": "float", "default": 10.0},
}

_NAMED = 10


@dataclass(frozen=True)
class Options:
    """The module's own options."""

    people: Sequence[Mapping[str, Any]] | None
    scope: str
    removed: str
    allow_empty: bool
    adopt_completed: bool
    data_collection_format: str
    check_policy: bool
    reconcile_timeout: float


class Result(Returned):
    """The module's result."""

    enrolments: list[ShownEnrolment]
    removed: list[ShownRemoval]
    request_ids: list[str]
    rejected: list[str]
    summary: dict[str, int]
    markdown: str


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Create missing requests, and report or revoke those that are no longer in the file."""
    options = own_options(Options, params)
    people, scope, revoke = options.people or [], options.scope, options.removed == "revoke"
    how = persistence(params["retries"], options.reconcile_timeout)
    check_scope(scope)
    if not people and revoke and not options.allow_empty:
        raise UsageError(
            f"people is empty, so with removed: revoke everything of scope {scope} would be revoked",
            remedy="check the file, or set allow_empty: true if that is intended",
        )
    applied = apply(
        client,
        people,
        ApplyOptions(
            scope=scope,
            revoke=revoke,
            adopt_completed=options.adopt_completed,
            form=options.data_collection_format,
            check_policy=options.check_policy,
            check_mode=check_mode,
            how=how,
        ),
    )
    result = _result(applied, len(people), scope, check_mode)
    if applied.failures:
        raise _failure(applied, check_mode).with_details(result)
    return result


def _result(applied: Applied, people: int, scope: str, check_mode: bool) -> Result:
    plan = applied.plan
    rejected = [item.request_id for item in plan.enrolments if item.outcome == "rejected"]
    rejected += [item.revocation_id for item in plan.removals if item.outcome == "rejected"]
    result: Result = {
        "changed": applied.changed,
        "enrolments": [item.shown() for item in plan.enrolments],
        "removed": [item.shown() for item in plan.removals],
        "request_ids": plan.request_ids,
        "rejected": list(filter(None, rejected)),
        "summary": _summary(plan, people),
        "markdown": "",
        "warnings": applied.warnings,
    }
    if applied.lines:
        result["diff"] = {"before": "", "after": "".join(f"{line}\n" for line in applied.lines)}
    result["markdown"] = plan_markdown(result, scope, check_mode)
    return result


def _summary(plan: Plan, people: int) -> dict[str, int]:
    items: list[Enrolment | Removal] = [*plan.enrolments, *plan.removals]
    actions = Counter(item.action for item in items if item.outcome != "failed")
    outcomes = Counter(item.outcome for item in items)
    return {
        "people": people,
        "enrolments": len(plan.enrolments),
        "removed": len(plan.removals),
        **{action: actions[action] for action in ("create", "cancel", "revoke", "report")},
        **{outcome: outcomes[outcome] for outcome in ("open", "completed", "rejected", "failed")},
    }


def _failure(applied: Applied, check_mode: bool) -> MimcmError:
    failed, planned = len(applied.failures), applied.planned
    what, others = ("would fail", "would be carried out") if check_mode else ("failed", "were carried out")
    rest = f"; the others {others}" if failed < planned else ""
    named = some(applied.failures, failed, _NAMED, "and {} more, see `problem` in the result", separator="; ")
    return MimcmError(f"{failed} of {planned} changes {what}{rest}", reason=named)


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
