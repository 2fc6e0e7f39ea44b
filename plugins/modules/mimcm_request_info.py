#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look up requests."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_request_info
short_description: Look up requests in MIM CM
version_added: 0.1.0
description:
  - Returns requests of Microsoft Identity Manager Certificate Management by id, or all that the account may read.
  - To wait until requests are approved or completed, use M(certops.mimcm.mimcm_request_wait).
extends_documentation_fragment:
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.attributes.info_module
  - certops.mimcm.query
  - certops.mimcm.connection
  - certops.mimcm.auth
options:
  request_ids:
    description:
      - The ids (GUIDs) of the requests to return, in upper or lower case, with or without braces.
      - An id that the server does not know, or that the account may not see, is returned in RV(missing).
      - Without this option, every request that the account may read is returned, in the server's order.
    type: list
    elements: str
  status:
    description:
      - Return only requests with this status. The server filters, so a long list does not have to cross the network.
      - V(None) is the status of a request that has not been processed.
    type: str
    choices: [Pending, Approved, Executing, Completed, Denied, Canceled, Failed, None]
  target_user:
    description:
      - Return only requests for this user. The API only supports V(current), the account that signs in.
      - It cannot be combined with O(request_ids).
    type: str
    choices: [current]
seealso:
  - module: certops.mimcm.mimcm_request_wait
  - plugin: certops.mimcm.mimcm_request
    plugin_type: lookup
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Look up two requests
  certops.mimcm.mimcm_request_info:
    url: https://cm.contoso.com
    request_ids:
      - a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
      - 0c96d73f-967b-420e-854a-43ad2a1504bc
  register: found

- name: Show the ids that the server does not know
  ansible.builtin.debug:
    msg: "Unknown: {{ found.missing | join(', ') | default('none', true) }}"

- name: List the requests that wait for an approver
  certops.mimcm.mimcm_request_info:
    url: https://cm.contoso.com
    status: Pending
  register: pending

- name: List the users whose requests have been waiting since before this year
  certops.mimcm.mimcm_request_info:
    url: https://cm.contoso.com
    status: Pending
    query: "[?submitted < '2026-01-01'].{id: uuid, for: target_user_uuid, since: submitted}"
  register: forgotten
"""

RETURN = r"""
requests:
  description:
    - The requests. With O(request_ids), in the order of the ids, otherwise in the server's order.
    - Empty with O(query).
    - Properties that a newer server adds are also returned, in snake_case.
  returned: success
  type: list
  elements: dict
  sample:
    [
      {
        "comment": "",
        "completed": null,
        "data_collection": [],
        "data_collection_flags": 32,
        "flags": 2,
        "is_data_collection_complete": false,
        "is_enrollment_agent": false,
        "is_smartcard": true,
        "new_profile_uuid": null,
        "new_smartcard_uuid": null,
        "old_profile_uuid": null,
        "old_smartcard_uuid": null,
        "originator_user_uuid": "8f1590dc-d932-4b66-8e68-2e91c5880780",
        "priority": 0,
        "profile_template_uuid": "a039b4d0-5ce8-4eff-8651-181c6576fda3",
        "request_type": "Enroll",
        "request_type_code": 1,
        "security_descriptor": "O:S-1-5-21-2127521184-1604012920-1887927527-14134865D:(A;;RC;;;WD)",
        "status": "Approved",
        "status_code": 3,
        "submitted": "2015-07-07T23:36:21.93Z",
        "target_user_uuid": "8f1590dc-d932-4b66-8e68-2e91c5880780",
        "uuid": "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"
      }
    ]
  contains:
    uuid:
      description: The request's id, in lower case.
      type: str
    status:
      description:
        - V(None), V(Pending), V(Approved), V(Executing), V(Completed), V(Denied), V(Canceled) or V(Failed).
        - Null if this version of the collection does not know its number.
      type: str
    status_code:
      description: The number of the status, as the server sent it.
      type: int
    request_type:
      description:
        - The request type, such as V(Enroll) or V(Unblock).
        - Null if this version of the collection does not know its number.
      type: str
    request_type_code:
      description: The number of the type, as the server sent it.
      type: int
    submitted:
      description:
        - When the request was submitted, in ISO 8601. A time that the server sends without a time zone is returned as
          UTC.
      type: str
    completed:
      description: When the request ended, in ISO 8601. Null while it is open.
      type: str
    originator_user_uuid:
      description: The C(objectGUID) in Active Directory of the user who submitted the request.
      type: str
    target_user_uuid:
      description: The C(objectGUID) in Active Directory of the user the request is for.
      type: str
    profile_template_uuid:
      description: The profile template's id.
      type: str
    new_smartcard_uuid:
      description: The id of the smart card that the request produced or is bound to. Null if there is none.
      type: str
    old_smartcard_uuid:
      description: The id of the smart card that the request started from. Null if there is none.
      type: str
    new_profile_uuid:
      description: The id of the profile that the request produced. Null if there is none.
      type: str
    old_profile_uuid:
      description: The id of the profile that the request started from. Null if there is none.
      type: str
    data_collection:
      description: The data collection items, each with C(name) and C(value).
      type: list
      elements: dict
    data_collection_flags:
      description: An opaque bit mask.
      type: int
    is_data_collection_complete:
      description: Whether all data collection items have been given.
      type: bool
    is_enrollment_agent:
      description: Whether an enrolment agent executes the request.
      type: bool
    is_smartcard:
      description: Whether the request is about a smart card.
      type: bool
    priority:
      description: The priority, from 0 (highest) to 255 (lowest).
      type: int
    comment:
      description: The comment given with the request.
      type: str
    flags:
      description: An opaque bit mask.
      type: int
    security_descriptor:
      description: The request's security descriptor in SDDL.
      type: str
count:
  description: The number of requests found, before O(query) was applied.
  returned: success
  type: int
  sample: 1
missing:
  description: The ids in O(request_ids) that the server does not know or that the account may not see.
  returned: success
  type: list
  elements: str
  sample: []
unreadable:
  description:
    - The ids of the requests that could not be read, or not in full, for example because the account may not
      read them.
    - If none of them can be read, the task fails.
  returned: success
  type: list
  elements: str
  sample: []
problems:
  description: For each id in RV(unreadable), a sentence that says why and what to do.
  returned: success
  type: dict
  sample: {}
query_result:
  description: The result of O(query); null without it.
  returned: success
  type: raw
  sample: null
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import STATUS_FILTERS
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import unknown_code_warnings
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import guids
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.lookup import Looked, NotRead, RequestFinder
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC, own_options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import run_module
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support import queries

ARGUMENT_SPEC = {
    **COMMON_SPEC,
    "request_ids": {"type": "list", "elements": "str"},
    "status": {"type": "str", "choices": STATUS_FILTERS},
    "target_user": {"type": "str", "choices": ["current"]},
    "query": {"type": "str"},
}


@dataclass(frozen=True)
class Options:
    """The module's own options."""

    request_ids: Sequence[str] | None
    status: str | None
    target_user: str | None
    query: str | None


class Result(Returned, NotRead):
    """The module's result."""

    requests: list[Request]
    count: int
    query_result: Any


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Return the requests that the options ask for."""
    options = own_options(Options, params)
    query = queries.optional(options.query)
    looked = _find(client, options)
    looked.check()
    shown, query_result = queries.answered(query, looked.found)
    return {
        "requests": shown,
        "count": len(looked.found),
        "missing": looked.missing,
        "unreadable": list(looked.errors),
        "problems": looked.problems,
        "query_result": query_result,
        "warnings": [*looked.warnings("requests"), *unknown_code_warnings(looked.found)],
    }


def _find(client: Client, options: Options) -> Looked[Request]:
    if options.request_ids is None:
        return Looked(_in_status(client.list_requests(options.status, options.target_user), options.status))
    if options.target_user:
        raise UsageError("target_user cannot be combined with request_ids", remedy="leave one of them out")
    ids = guids(options.request_ids, "request_ids")
    lists = (options.status, None) if options.status else (None,)
    looked = RequestFinder(client, lists).looked(ids)
    looked.found = _in_status(looked.found, options.status)
    return looked


def _in_status(found: list[Request], status: str | None) -> list[Request]:
    """Return the requests in a status: look-ups by id return any status, and the server may not filter lists."""
    return [request for request in found if status in (None, request["status"])]


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
