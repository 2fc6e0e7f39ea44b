#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring the requests of many people into the state that a file describes."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_enrolments
short_description: Request in MIM CM what a desired-state file says people are to have
version_added: 0.2.0
description:
  - Takes a list of people and of the profile templates that each is to have, and creates the enrolment requests that
    are not there yet, in one task.
  - It reads the profile templates once and the requests once, however many people there are.
  - A request is known again by a key in its comment, made of O(scope), the person and the profile template. So a run
    with the same list changes nothing, whatever has become of the requests in between.
  - What it asked for and nobody is to have any more is reported, and only with O(removed=revoke) canceled and revoked.
  - It does not wait. Approvals are given by people; look for them later with the role C(certops.mimcm.request_gate), or
    with M(certops.mimcm.mimcm_request_wait).
extends_documentation_fragment:
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.connection
  - certops.mimcm.auth
attributes:
  check_mode:
    support: full
    details:
      - It only reads, and predicts. A request that would be created has no id yet.
  diff_mode:
    support: full
    details:
      - The difference has a line for each request that is created, canceled, or made to revoke something.
  async:
    support: full
options:
  people:
    description:
      - The people, each with what they are to have. Nobody may stand there twice.
      - A person who is no longer in the list, or a profile template that a person no longer has there, is O(removed).
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - What messages and summaries call the person.
        type: str
        required: true
      target:
        description:
          - The user's C(objectGUID) in Active Directory, in any case, with or without braces. The API has no call to
            look a user up.
          - It is needed.
        type: str
      templates:
        description:
          - The profile templates that the person is to have, each by its id (a GUID) or by its exact name.
          - It is needed, and may be empty.
        type: list
        elements: str
      data_collection:
        description:
          - The values of the data collection items, by their names in the policies of the profile templates.
        type: dict
        default: {}
      comment:
        description:
          - A remark for the approver, at most 256 characters together with the key.
        type: str
        default: ""
      priority:
        description:
          - From 0, the highest, to 255, the lowest. Without it the server uses the policy's default.
        type: int
      generation:
        description:
          - Raise it by one to request everything of this person anew, for example after a request was Denied or a card
            was lost. What is still open of an earlier generation is not requested a second time.
        type: int
        default: 1
  scope:
    description:
      - Which file this is, 1 to 16 letters, digits or characters of C(._-). Files with different scopes do not touch
        each other's requests, so that several can be used for different people.
      - It is a part of the keys. With another scope all requests would be new ones.
    type: str
    required: true
  removed:
    description:
      - What becomes of requests that a run with this O(scope) made, when nobody is to have what they are for any more.
      - With V(report) they are returned in RV(removed), and nothing else.
      - With V(revoke) an open request is canceled, and for what a Completed one brought a request of type C(Revoke) is
        created, once. Nothing is requested for a card or profile that is Disabled or Retired already.
      - A request that ended otherwise has brought nothing, and is left out.
    type: str
    choices: [report, revoke]
    default: report
  allow_empty:
    description:
      - Whether O(people) may be empty with O(removed=revoke). Otherwise that is an error, so that a broken file does
        not revoke everything.
    type: bool
    default: false
  adopt_completed:
    description:
      - Whether a Completed request of the same person and profile template that carries no key counts, for people who
        had their cards before there was a file. It counts for a O(people[].generation) of 1 only, and not if its card
        or profile is Disabled or Retired, for which one more call is made.
      - It stays a request of others. When the person is removed it is neither reported nor revoked.
      - An open one without a key is always taken, rather than another one created beside it.
    type: bool
    default: true
  data_collection_format:
    description:
      - How O(people[].data_collection) is sent. Both forms are documented, and which of them a server accepts is not.
      - V(list) sends a list with one object an item, V(string) a string that holds the JSON of that list. An empty
        collection is always sent as a string.
    type: str
    choices: [list, string]
    default: list
  check_policy:
    description:
      - Before a request is created, check it against the profile template's policy, which is read once for all people.
      - Where the account may not read the policy, or the server has none, there is a warning and no check.
    type: bool
    default: true
  reconcile_timeout:
    description:
      - When the connection breaks or times out after a creation was sent, the request is looked for, and sent again
        only if it is not there. For so many seconds it is looked for before that, because a slow server may still
        create it.
    type: float
    default: 10
notes:
  - A request that was Denied, Canceled or Failed is not created again, so that a run of the same file does not ask an
    approver again. It is returned with the outcome C(rejected); raise O(people[].generation) to ask again.
  - Somebody who was removed and revoked and is in the list again gets a new request.
  - A person whose request cannot be created does not keep the others from theirs. The task fails at the end, with all
    results in the failed result.
  - The API has no transactions. Let no two runs with the same O(scope) go on at the same time.
seealso:
  - module: certops.mimcm.mimcm_request
  - module: certops.mimcm.mimcm_request_wait
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Request what people are to have
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

- name: See what would be requested, and who is no longer there
  certops.mimcm.mimcm_enrolments:
    url: https://cm.contoso.com
    scope: staff
    people: []
  check_mode: true
  register: plan

- name: Revoke what those who have left still have
  certops.mimcm.mimcm_enrolments:
    url: https://cm.contoso.com
    scope: staff
    people:
      - name: alice
        target: 6a7e0f10-31c4-4b7e-8f55-90d1c2b3a001
        templates: [FIM CM Sample Smart Card Logon Profile Template]
    removed: revoke

- name: Look once whether all have been approved
  certops.mimcm.mimcm_request_wait:
    url: https://cm.contoso.com
    request_ids: "{{ applied.request_ids }}"
    wait_timeout: 0
    fail_on: []
"""

RETURN = r"""
enrolments:
  description: Each person with each profile template, in the order of O(people).
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
      description: The profile template as O(people) names it.
      type: str
    profile_template_uuid:
      description: The profile template's id.
      type: str
    generation:
      description: The person's generation in O(people).
      type: int
    key:
      description: The key by which the request is known again.
      type: str
    action:
      description: V(create) for a request that is, or would be, created; V(none) for one that is there.
      type: str
    outcome:
      description:
        - V(open), V(completed), or V(rejected) for a request that was Denied, Canceled or Failed and is not created
          again; V(failed) for one that could not be created.
      type: str
    request_id:
      description: The request's id, null when it would be created.
      type: str
    status:
      description: The request's status, null when it would be created.
      type: str
    problem:
      description: A sentence that says what is wrong and what to do, null for nothing.
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
  description: The requests for what nobody is to have any more.
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
        - V(report), V(cancel) or V(revoke); V(none) when it is revoked, or about to be, or what it brought is Disabled
          or Retired.
      type: str
    revocation_id:
      description: The id of the request of type C(Revoke), null for none or when it would be created.
      type: str
    problem:
      description: A sentence that says what is wrong and what to do, null for nothing.
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
  description: The ids of all requests to look at later, those of RV(enrolments) and the revocations.
  returned: when the server was asked
  type: list
  elements: str
  sample: ["a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"]
rejected:
  description: The ids of those that were rejected.
  returned: when the server was asked
  type: list
  elements: str
  sample: []
summary:
  description:
    - How many there are. C(people), C(enrolments) and C(removed) count all; C(create), C(cancel), C(revoke) and
      C(report) by action; C(open), C(completed), C(rejected) and C(failed) by outcome.
    - What could not be created, canceled or revoked counts as C(failed), and not by its action.
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
  description: The same as a summary in Markdown.
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
    """What the module returns."""

    enrolments: list[ShownEnrolment]
    removed: list[ShownRemoval]
    request_ids: list[str]
    rejected: list[str]
    summary: dict[str, int]
    markdown: str


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Create what is missing, and report or revoke what is no longer wanted."""
    options = own_options(Options, params)
    people, scope, revoke = options.people or [], options.scope, options.removed == "revoke"
    how = persistence(params["retries"], options.reconcile_timeout)
    check_scope(scope)
    if not people and revoke and not options.allow_empty:
        raise UsageError(
            f"people is empty, and with removed: revoke everything of scope {scope} would be revoked",
            remedy="check the file, or set allow_empty: true if that is meant",
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
    named = some(applied.failures, failed, _NAMED, "and {} more, see problem in the result", separator="; ")
    return MimcmError(f"{failed} of {planned} changes {what}{rest}", reason=named)


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
