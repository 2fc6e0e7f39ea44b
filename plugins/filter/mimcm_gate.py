# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict of a gate as a filter: whether a pipeline may go on."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mimcm_gate
short_description: Tell a pipeline whether requests in MIM CM have been approved
version_added: 0.2.0
description:
  - Takes the result of M(certops.mimcm.mimcm_request_wait) with O(certops.mimcm.mimcm_request_wait#module:fail_on=[]),
    and turns it into one verdict, with an exit code and a summary in Markdown.
  - The role C(certops.mimcm.request_gate) is the easiest way to use it.
positional: plan
options:
  _input:
    description:
      - The result of M(certops.mimcm.mimcm_request_wait).
    type: dict
    required: true
  plan:
    description:
      - The result of M(certops.mimcm.mimcm_enrolments), for the names of the people, and for people who have no request
        yet.
    type: dict
    default: {}
  exit_code_waiting:
    description:
      - The exit code while a request waits for its approver.
    type: int
    default: 75
  exit_code_rejected:
    description:
      - The exit code if a request was rejected, is unknown to the server, or could not be created.
    type: int
    default: 1
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Poll once
  certops.mimcm.mimcm_request_wait:
    url: https://cm.contoso.com
    request_ids: ["a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"]
    wait_timeout: 0
    fail_on: []
  register: polled

- name: Show the verdict
  ansible.builtin.debug:
    msg: "{{ (polled | certops.mimcm.mimcm_gate).result.verdict }}"
"""

RETURN = r"""
_value:
  description:
    - C(result) holds C(verdict) (V(reached), V(waiting) or V(rejected)), C(exit_code), C(counts) and C(requests);
      C(markdown) says the same for people.
    - A single rejected request makes the verdict V(rejected); otherwise, a single waiting one makes it V(waiting).
  type: dict
  sample:
    result:
      verdict: waiting
      exit_code: 75
      counts: {total: 1, reached: 0, waiting: 1, rejected: 0, missing: 0, failed: 0}
      requests: []
    markdown: "## Still waiting"
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.gate import (
    PlanToGate,
    PolledRequests,
    gate,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.markdown import gate_markdown

_GROUPS = ("requests", "problems", "reached", "rejected", "timed_out", "missing")


def mimcm_gate(
    polled: Any, plan: Any = None, exit_code_waiting: int = 75, exit_code_rejected: int = 1
) -> dict[str, Any]:
    """Return the verdict on polled requests."""
    if not isinstance(polled, Mapping) or not all(name in polled for name in _GROUPS):
        raise AnsibleFilterError("mimcm_gate needs the result of a task with mimcm_request_wait and fail_on: [].")
    if not isinstance(plan or {}, Mapping):
        raise AnsibleFilterError("mimcm_gate: plan must be the result of a task with mimcm_enrolments.")
    result = gate(
        cast(PolledRequests, polled), cast(PlanToGate, plan or {}), int(exit_code_waiting), int(exit_code_rejected)
    )
    # Marked unsafe: text from the server must never be evaluated as an expression.
    return wrap_var({"result": result, "markdown": gate_markdown(result)})


class FilterModule:
    """The collection's filters."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"mimcm_gate": mimcm_gate}
