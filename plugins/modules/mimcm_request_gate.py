#!/usr/bin/python
# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell a pipeline whether its requests were approved."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_request_gate
short_description: Tell a pipeline whether requests in MIM CM have been answered
version_added: 0.2.0
description:
  - Polls requests and makes one verdict of their outcomes, with an exit code, counts, and a summary in Markdown.
  - One request that was rejected, that the server does not know, or that could not be created makes the verdict
    V(rejected); otherwise one that is open makes it V(waiting); otherwise it is V(reached).
  - The task succeeds whatever the verdict is, so a pipeline can decide what to do. It fails when the server does not
    answer, because that would not be a verdict about the requests.
  - The requests are those of O(people), of O(plan) or O(plan_file), and of O(request_ids). At least one of these is
    required; O(plan) and O(plan_file) take the place of O(people).
  - The role C(certops.mimcm.request_gate) and the playbook C(certops.mimcm.gitops_gate) use this module.
extends_documentation_fragment:
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.connection
  - certops.mimcm.auth
attributes:
  check_mode:
    support: full
    details:
      - It polls as always, and leaves the files in O(folder) alone.
  diff_mode:
    support: none
    details:
      - The files hold the answer of the moment.
  async:
    support: partial
    details:
      - Not with O(folder), because its files are written on the controller when the task ends.
options:
  people:
    description:
      - The people of a desired-state file, as M(certops.mimcm.mimcm_enrolments) takes them. Their requests are looked
        up on the server, so nothing has to be kept between the jobs of a pipeline. Nothing is created.
      - Somebody who has no request yet counts as waiting.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - The person's name.
        type: str
        required: true
      target:
        description:
          - The user's objectGUID in Active Directory. Required.
        type: str
      templates:
        description:
          - The profile templates, by name or by id. Required; may be empty.
        type: list
        elements: str
      data_collection:
        description:
          - The values of data collection items by name. They are not needed here.
        type: dict
        default: {}
      comment:
        description:
          - The comment of the requests. It is not needed here.
        type: str
        default: ""
      priority:
        description:
          - The priority of the requests. It is not needed here.
        type: int
      generation:
        description:
          - Which request for each profile template it is; raised to ask again after a rejection.
        type: int
        default: 1
  scope:
    description:
      - Which desired-state file O(people) is from. Required together with O(people).
    type: str
  adopt_completed:
    description:
      - Whether a Completed request that carries no key counts for O(people).
    type: bool
    default: true
  plan:
    description:
      - The result of M(certops.mimcm.mimcm_enrolments).
    type: dict
  plan_file:
    description:
      - A file on the controller that holds O(plan) as JSON, such as the C(apply.json) of the playbook
        C(certops.mimcm.gitops_apply).
    type: path
  request_ids:
    description:
      - The ids (GUIDs) of requests to poll, whoever made them.
    type: list
    elements: str
  states:
    description:
      - The statuses that count as reached. A request that went further counts too, so V(Approved) includes Executing
        and Completed.
    type: list
    elements: str
    choices: [Pending, Approved, Executing, Completed, Denied, Canceled, Failed]
    default: [Approved, Completed]
  wait_timeout:
    description:
      - The maximum number of seconds to wait. With V(0) the requests are polled once.
    type: float
    default: 0
  poll_interval:
    description:
      - The number of seconds before the second poll; later pauses grow.
    type: float
    default: 5
  poll_interval_max:
    description:
      - The maximum number of seconds between two polls.
    type: float
    default: 60
  exit_code_waiting:
    description:
      - The exit code while requests wait. The default is the one that C(sysexits.h) has for what may succeed later.
    type: int
    default: 75
  exit_code_rejected:
    description:
      - The exit code when a request was rejected.
    type: int
    default: 1
  allow_empty:
    description:
      - Whether there may be no requests at all. Otherwise that is an error, so a broken file does not open the gate.
    type: bool
    default: false
  folder:
    description:
      - A folder on the controller in which C(gate.json), C(gate.md) and C(exit-code) are written, wherever the module
        itself runs. It is created if it does not exist.
      - Files that an earlier run left there are removed before anything else, so a pipeline never goes on with an old
        answer.
      - A symbolic link is replaced, not followed. A FIFO, a socket or a device under one of these names, or behind a
        link, fails the task before anything is polled.
      - In check mode no file is removed or written.
    type: path
seealso:
  - module: certops.mimcm.mimcm_enrolments
  - module: certops.mimcm.mimcm_request_wait
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Poll two requests, and leave the answer for the pipeline
  certops.mimcm.mimcm_request_gate:
    url: https://cm.contoso.com
    request_ids:
      - a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
      - 0c96d73f-967b-420e-854a-43ad2a1504bc
    folder: mimcm-gate

- name: Poll the requests of the people in a desired-state file
  certops.mimcm.mimcm_request_gate:
    url: https://cm.contoso.com
    scope: team-a
    people:
      - name: Erika Mustermann
        target: 97cc3493-f556-4c9b-9d8b-982434201527
        templates: [FIM CM Sample Smart Card Logon Profile Template]
  register: gate
"""

RETURN = r"""
verdict:
  description: V(reached), V(waiting) or V(rejected).
  returned: success
  type: str
  sample: waiting
exit_code:
  description: The exit code that belongs to the verdict.
  returned: success
  type: int
  sample: 75
counts:
  description: The number of requests with each outcome, and C(total).
  returned: success
  type: dict
  sample: {total: 2, reached: 1, waiting: 1, rejected: 0, missing: 0, unreadable: 0, failed: 0}
requests:
  description:
    - Each request, or somebody who has none yet, with C(request_id), C(name), C(target), C(profile_template),
      C(request_type), C(comment), C(status), C(outcome) and C(problem).
  returned: success
  type: list
  elements: dict
  sample:
    - request_id: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
      name: Erika Mustermann
      target: 97cc3493-f556-4c9b-9d8b-982434201527
      profile_template: Employees
      request_type: Enroll
      comment: "[mimcm:team-a/97cc3493-f556-4c9b-9d8b-982434201527/2d4f0c11]"
      status: Pending
      outcome: waiting
      problem: Request a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099 was still Pending when it was polled.
removed:
  description:
    - The requests for profile templates that the file no longer assigns to the person, as
      M(certops.mimcm.mimcm_enrolments) returns them.
  returned: success
  type: list
  elements: dict
  sample: []
markdown:
  description: The same for people, in Markdown.
  returned: success
  type: str
  sample: "## Still waiting"
polled:
  description: The result of the poll, with the keys that M(certops.mimcm.mimcm_request_wait) returns.
  returned: success
  type: dict
  sample: {reached: ["0c96d73f-967b-420e-854a-43ad2a1504bc"], rejected: [], missing: [], unreadable: [], polls: 1}
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.gate import GateRequest, PlanToGate
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.markdown import gate_markdown
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.people import Person
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.plan import ShownRemoval
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.poll_gate import GateOptions, poll_gate
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import STATUS_CHOICES
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wait import WaitResult
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import (
    COMMON_SPEC,
    PEOPLE_SPEC,
    own_options,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import run_module
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting.engine import read_pace

ARGUMENT_SPEC = {
    **COMMON_SPEC,
    "people": PEOPLE_SPEC,
    "scope": {"type": "str"},
    "adopt_completed": {"type": "bool", "default": True},
    "plan": {"type": "dict"},
    "plan_file": {"type": "path"},
    "request_ids": {"type": "list", "elements": "str"},
    "states": {"type": "list", "elements": "str", "choices": STATUS_CHOICES, "default": ["Approved", "Completed"]},
    "wait_timeout": {"type": "float", "default": 0.0},
    "poll_interval": {"type": "float", "default": 5.0},
    "poll_interval_max": {"type": "float", "default": 60.0},
    "exit_code_waiting": {"type": "int", "default": 75},
    "exit_code_rejected": {"type": "int", "default": 1},
    "allow_empty": {"type": "bool", "default": False},
    "folder": {"type": "path"},
}


@dataclass(frozen=True)
class Options:
    """The module's own options, except those that the action plugin handles on the controller."""

    people: Sequence[Person] | None
    scope: str | None
    adopt_completed: bool
    plan: PlanToGate | None
    request_ids: Sequence[str] | None
    states: Sequence[str]
    wait_timeout: float
    poll_interval: float
    poll_interval_max: float
    exit_code_waiting: int
    exit_code_rejected: int
    allow_empty: bool


class Result(Returned):
    """The module's result."""

    verdict: str
    exit_code: int
    counts: dict[str, int]
    requests: list[GateRequest]
    removed: list[ShownRemoval]
    markdown: str
    polled: WaitResult


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Return the verdict on the requests."""
    options = own_options(Options, params)
    pace = read_pace(options.wait_timeout, options.poll_interval, options.poll_interval_max)
    result, polled = poll_gate(
        client,
        GateOptions(
            people=options.people,
            scope=options.scope,
            adopt_completed=options.adopt_completed,
            plan=options.plan,
            request_ids=options.request_ids,
            states=options.states,
            pace=pace,
            exit_code_waiting=options.exit_code_waiting,
            exit_code_rejected=options.exit_code_rejected,
            allow_empty=options.allow_empty,
        ),
    )
    return {
        "verdict": result["verdict"],
        "exit_code": result["exit_code"],
        "counts": result["counts"],
        "requests": result["requests"],
        "removed": result["removed"],
        "markdown": gate_markdown(result),
        "polled": polled,
    }


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
