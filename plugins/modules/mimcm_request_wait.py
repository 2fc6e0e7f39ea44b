#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wait for requests."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_request_wait
short_description: Wait until requests in MIM CM are approved or completed
version_added: 0.1.0
description:
  - Waits, in one task, for any number of requests, until each has reached a status or ended with another one, or the
    time is up.
  - Approvals are given by people in the MIM CM portal; the API has no call for them. That is why a playbook has to
    wait.
  - It polls all open requests together, at growing intervals, and for the last time at the deadline. Polling takes a
    few calls regardless of how many requests there are; which calls depends on what earlier ones cost.
  - The wait survives a server that becomes unreachable and returns. Failed polls are counted in RV(failed_polls).
  - A request that cannot be read does not end the wait for the others; it is RV(unreadable).
  - In the controller's own process, a progress line is shown when something changes and at least once a minute.
extends_documentation_fragment:
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.connection
  - certops.mimcm.auth
attributes:
  check_mode:
    support: full
    details:
      - It polls once, does not sleep, and does not fail for requests that a real run would have continued to wait for.
  diff_mode:
    support: none
    details:
      - It changes nothing.
  async:
    support: full
options:
  request_ids:
    description:
      - The ids (GUIDs) of the requests to wait for, in upper or lower case, with or without braces.
      - With an empty list, the task ends at once without a call to the server.
    type: list
    elements: str
    required: true
  states:
    description:
      - The statuses that count as reached. A request that has gone further counts too, so V(Approved) includes
        V(Executing) and V(Completed).
      - A request that ends with any other status is RV(rejected).
    type: list
    elements: str
    choices: [Pending, Approved, Executing, Completed, Denied, Canceled, Failed]
    default: [Approved, Completed]
  wait_timeout:
    description:
      - The maximum number of seconds to wait. V(0) polls once.
    type: float
    default: 3600
  poll_interval:
    description:
      - The number of seconds before the second poll. Each later pause is 1.5 times the previous one, minus up to 20 %
        of random jitter.
    type: float
    default: 5
  poll_interval_max:
    description:
      - The maximum number of seconds between two polls. A value below O(poll_interval) counts as O(poll_interval).
    type: float
    default: 60
  fail_on:
    description:
      - The outcomes that fail the task, after all requests have been waited for.
      - With an empty list, the task only reports the outcomes. A permanent error, such as a refused password, still
        fails it.
    type: list
    elements: str
    choices: [rejected, timed_out, missing, unreadable]
    default: [rejected, timed_out, missing, unreadable]
notes:
  - A failed task returns the same values as a successful one, so that a C(rescue) section can act on them.
  - Approvals may take days. Instead of keeping a job running for so long, end the play with O(fail_on=[]) and run it
    again later.
seealso:
  - module: certops.mimcm.mimcm_request_info
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Wait up to an hour until both requests are approved
  certops.mimcm.mimcm_request_wait:
    url: https://cm.contoso.com
    request_ids:
      - a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
      - 0c96d73f-967b-420e-854a-43ad2a1504bc

- name: Poll once, and only report the outcomes
  certops.mimcm.mimcm_request_wait:
    url: https://cm.contoso.com
    request_ids: ["a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"]
    wait_timeout: 0
    fail_on: []
  register: gate

- name: Act on the requests that were not completed
  block:
    - name: Wait until the request is completed
      certops.mimcm.mimcm_request_wait:
        url: https://cm.contoso.com
        request_ids: ["a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"]
        states: [Completed]
        wait_timeout: 600
  rescue:
    - name: Show what to do about each request
      ansible.builtin.debug:
        msg: "{{ ansible_failed_result.problems.values() | list }}"
"""

RETURN = r"""
requests:
  description:
    - The requests as last seen, in the order of O(request_ids); requests that were never seen are left out.
    - Each has the keys that M(certops.mimcm.mimcm_request_info) documents.
  returned: when the server was asked
  type: list
  elements: dict
  sample:
    - status: Approved
      status_code: 3
      uuid: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
    - status: Denied
      status_code: 4
      uuid: 0c96d73f-967b-420e-854a-43ad2a1504bc
reached:
  description: The ids of the requests that reached one of O(states).
  returned: when the server was asked
  type: list
  elements: str
  sample: ["a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"]
rejected:
  description: The ids of the requests that ended with another status.
  returned: when the server was asked
  type: list
  elements: str
  sample: ["0c96d73f-967b-420e-854a-43ad2a1504bc"]
timed_out:
  description:
    - The ids of the requests that were still open when the wait ended.
    - In check mode, those that a real run would have continued to wait for.
  returned: when the server was asked
  type: list
  elements: str
  sample: []
missing:
  description: The ids that the server does not know or that the account may not see.
  returned: when the server was asked
  type: list
  elements: str
  sample: []
unreadable:
  description:
    - The ids of the requests that could not be read although the server answers otherwise, for example because the
      account may not read them. A request is among them at once if the error will not pass, and at the end of the wait
      if no poll could read it.
  returned: when the server was asked
  type: list
  elements: str
  sample: []
problems:
  description: For the id of each request that did not reach one of O(states), a sentence that says why and what to do.
  returned: when the server was asked
  type: dict
  sample:
    0c96d73f-967b-420e-854a-43ad2a1504bc: >-
      Request 0c96d73f-967b-420e-854a-43ad2a1504bc was Denied and cannot be resumed; ask its approver for the reason,
      and create a new request.
polls:
  description: The number of polls.
  returned: when the server was asked
  type: int
  sample: 7
failed_polls:
  description: How many polls got no answer.
  returned: when the server was asked
  type: int
  sample: 0
http_calls:
  description: The number of calls, including those of authentication handshakes.
  returned: when the server was asked
  type: int
  sample: 7
elapsed:
  description: The duration of the wait in seconds.
  returned: when the server was asked
  type: float
  sample: 61.204
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import STATUS_CHOICES
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import guids
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wait import WaitResult, wait_for
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC, own_options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import run_module
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting.engine import read_pace
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting.report import failure, problems

_OUTCOMES = ["rejected", "timed_out", "missing", "unreadable"]
ARGUMENT_SPEC = {
    **COMMON_SPEC,
    "request_ids": {"type": "list", "elements": "str", "required": True},
    "states": {"type": "list", "elements": "str", "choices": STATUS_CHOICES, "default": ["Approved", "Completed"]},
    "wait_timeout": {"type": "float", "default": 3600.0},
    "poll_interval": {"type": "float", "default": 5.0},
    "poll_interval_max": {"type": "float", "default": 60.0},
    "fail_on": {
        "type": "list",
        "elements": "str",
        "choices": _OUTCOMES,
        "default": _OUTCOMES,
    },
}


@dataclass(frozen=True)
class Options:
    """The module's own options."""

    request_ids: Sequence[str]
    states: Sequence[str]
    wait_timeout: float
    poll_interval: float
    poll_interval_max: float
    fail_on: Sequence[str]


def _by_outcome(result: WaitResult) -> dict[str, list[str]]:
    return {
        "rejected": result["rejected"],
        "timed_out": result["timed_out"],
        "missing": result["missing"],
        "unreadable": result["unreadable"],
    }


def run(client: Client, params: Params, check_mode: bool) -> WaitResult:
    """Wait for requests, and return them by outcome. If an outcome fails the task, the error has the result too."""
    options = own_options(Options, params)
    ids = guids(options.request_ids, "request_ids")
    pace = read_pace(options.wait_timeout, options.poll_interval, options.poll_interval_max)
    if not options.states:
        raise UsageError("states must name at least one status")
    if check_mode:
        pace = replace(pace, timeout=0.0)
    outcome, result = wait_for(client, ids, options.states, pace)
    if outcome.fatal:
        raise outcome.fatal.with_details(result)
    groups = _by_outcome(result)
    failing = [group for group in options.fail_on if not (check_mode and group == "timed_out")]
    failed = [request_id for group in failing for request_id in groups[group]]
    if failed:
        found = problems(outcome, pace.timeout)
        raise failure(outcome, failed, options.states, found).with_details(result)
    return result


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
