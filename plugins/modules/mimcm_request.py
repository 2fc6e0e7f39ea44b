#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create, complete, cancel and abandon requests."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_request
short_description: Create, complete, cancel or abandon a request in MIM CM
version_added: 0.2.0
description:
  - Creates a request of any type that the API documents, unless there is one already, or ends a request.
  - Approvals are given by people in the MIM CM portal; to wait for them use M(certops.mimcm.mimcm_request_wait).
extends_documentation_fragment:
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.connection
  - certops.mimcm.auth
attributes:
  check_mode:
    support: full
    details:
      - It only reads, and predicts the request. A request that would be created has no C(uuid) and no C(status) yet.
  diff_mode:
    support: full
    details:
      - The diff shows the fields that are sent, or the status.
  async:
    support: full
options:
  state:
    description:
      - V(present) creates the request, unless one with the same O(type), O(profile_template), O(target), and
        O(smartcard_id) or O(profile_id) is open, that is, Pending, Approved or Executing. An open request is returned
        unchanged; if there are several, the one that was submitted first.
      - V(completed) marks an Approved or Executing request as completed.
      - V(canceled) cancels an open request. The statuses from which the server allows this are not documented; the
        server decides.
      - V(abandoned) abandons an Approved or Executing request. The request ends as Failed, so for a request that is
        already Failed, nothing changes. From server build 4.4.1749 on, the originator may do this.
    type: str
    choices: [present, completed, canceled, abandoned]
    default: present
  request_id:
    description:
      - The id (a GUID) of the request to end. Required for every O(state) except V(present), with which it must not be
        set.
    type: str
  type:
    description:
      - The request type. Required with O(state=present).
      - The server returns some types under other names. V(Revoke) comes back as C(Disable), V(Reinstate) as
        C(SuspendOrReinstate), and V(TemporaryCards) as C(TemporaryCardEnroll).
      - The number under which V(OfflineUnblock) comes back is not documented; when looking for an open request, the
        module takes any number without a known name for it.
    type: str
    choices:
      - Enroll
      - Recover
      - Renew
      - Revoke
      - Unblock
      - Duplicate
      - Retire
      - RecoverOnBehalf
      - Reinstate
      - OnlineUpdate
      - TemporaryCards
      - OfflineUnblock
  profile_template:
    description:
      - The profile template, by its id (a GUID) or by its exact name.
      - Required for O(type=Enroll) and O(type=TemporaryCards). A request about a card or profile uses that card's or
        profile's template.
    type: str
  target:
    description:
      - The user for whom the request is made, by the C(objectGUID) of the account in Active Directory. The API has no
        call to look up a user.
      - By default, the request is for the account that signs in, or for the owner of the card or profile.
    type: str
  smartcard_id:
    description:
      - The id (the C(Uuid), a GUID) of the smart card that the request is about.
      - Required for V(Unblock), V(OfflineUnblock) and V(Retire); V(Recover), V(Renew), V(Revoke), V(Duplicate),
        V(RecoverOnBehalf), V(Reinstate) and V(OnlineUpdate) require it or O(profile_id). With V(TemporaryCards), it is
        the permanent card, and optional.
    type: str
  profile_id:
    description:
      - The id (a GUID) of the software profile that the request is about.
    type: str
  data_collection:
    description:
      - The values of the data collection items, by their names in the profile template's workflow policy.
      - Names and values are text; a number, a date, or true or false without quotes is refused, because YAML changes
        it.
    type: dict
    default: {}
  data_collection_format:
    description:
      - How to send O(data_collection). Both forms are documented, but not which of them a server accepts.
      - V(list) sends a list with one object per item, V(string) a string that contains the JSON of that list. An empty
        collection is always sent as a string.
    type: str
    choices: [list, string]
    default: list
  comment:
    description:
      - A remark for the approver. Together with the O(idempotency_key), it may have up to 256 characters.
    type: str
    default: ""
  priority:
    description:
      - The priority of the request, from 0 (highest) to 255 (lowest). By default, the server uses the default of the
        workflow policy.
    type: int
  idempotency_key:
    description:
      - Your own name for this request, with 1 to 64 letters, digits or the characters C(._:/@+-), for example a ticket
        number.
      - It is appended to the comment as C([mimcm:the-key]) and found there by later runs, even after the request has
        Completed. Then no second request is created.
      - An open request with another key is a different request. An open request without a key counts as this one.
      - A request that was Denied, Canceled or Failed does not count, so a new one is created.
    type: str
  check_policy:
    description:
      - Whether to read the profile template's workflow policy before a request is created, and fail with one message
        that names everything that is missing or not collected.
      - If the account may not read the policy, or the server has none, there is a warning instead of a check.
      - The API documents which properties a policy has, but not the format of its data collection items. An item that
        the module cannot read never fails the task.
    type: bool
    default: true
  reconcile_timeout:
    description:
      - If the connection breaks or times out after a creation was sent, the module looks for the request, and sends it
        again only if it does not find it. This is how many seconds to keep looking before sending it again, because a
        slow server may still create it.
      - O(retries) is the maximum number of times it is sent again. With 0, the module looks for the request but never
        sends it again.
    type: float
    default: 10
notes:
  - The API itself has neither transactions nor idempotency. Runs of the same task at the same moment can all find
    nothing and all create a request. So each run looks at the open requests again after it created one. All runs
    continue with the request that was submitted first, of several with the same time the one with the lowest id,
    and each of the others cancels the request that it created. For those nothing has changed.
  - With O(idempotency_key) this is about requests with the same key, without it about all open requests of the same
    O(type), O(profile_template), O(target), and O(smartcard_id) or O(profile_id).
  - A run cancels only its own request, and not if the open requests cannot be read, if the request was approved or
    begun in the meantime, or if the connection broke while it was created. Then, and if the account may not cancel
    it, a warning names it, and the task reports a change. Later runs warn of both requests too, and return the one
    that was submitted first.
  - The request that the server's answer names is compared with the options. If it is another one, the module looks
    for the created request for O(reconcile_timeout) seconds, and fails if it does not find it.
  - There can also be a second request if the server creates the first one more than O(reconcile_timeout) seconds after
    the connection broke, or ends it as Denied or Failed within that time.
  - To look for open requests takes one call for each of the three statuses, before a creation and after it. With
    O(idempotency_key), the Completed requests are listed too if none is open, which can be a long list.
seealso:
  - module: certops.mimcm.mimcm_request_info
  - module: certops.mimcm.mimcm_request_wait
  - module: certops.mimcm.mimcm_profile_template_info
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Request a smart card for a new employee, once
  certops.mimcm.mimcm_request:
    url: https://cm.contoso.com
    type: Enroll
    profile_template: FIM CM Sample Smart Card Logon Profile Template
    target: 97cc3493-f556-4c9b-9d8b-982434201527
    data_collection:
      Department: Finance
    comment: New employee
    idempotency_key: HR-4711
  register: enrolment

- name: Unblock a card
  certops.mimcm.mimcm_request:
    url: https://cm.contoso.com
    type: Unblock
    smartcard_id: 17cf063d-e337-4aa9-a822-346554ddd3c9

- name: Complete the request after the card was written
  certops.mimcm.mimcm_request:
    url: https://cm.contoso.com
    request_id: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
    state: completed

- name: Abandon a request that nobody executes
  certops.mimcm.mimcm_request:
    url: https://cm.contoso.com
    request_id: 0c96d73f-967b-420e-854a-43ad2a1504bc
    state: abandoned
"""

RETURN = r"""
request:
  description:
    - The request, with the keys that RV(certops.mimcm.mimcm_request_info#module:requests) documents.
    - Values that the server did not return are null, for example in check mode.
  returned: success
  type: dict
  sample:
    uuid: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
    status: Pending
    status_code: 16
    request_type: Enroll
    request_type_code: 1
    profile_template_uuid: a039b4d0-5ce8-4eff-8651-181c6576fda3
    target_user_uuid: 97cc3493-f556-4c9b-9d8b-982434201527
    comment: New employee [mimcm:HR-4711]
request_id:
  description: The request's id; null in check mode if it would be created.
  returned: success, and failure after it was created
  type: str
  sample: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.write_once import Persistence, persistence
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import CREATION_TYPES, REQUEST_STATUS
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import guid, optional_guid
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.agree import agree
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.create import (
    body_of,
    check_policy,
    check_subject,
    create,
    predicted,
    read_policy,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.end import ENDINGS, check_reachable, end
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.lookup import existing
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.match import find_matches
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.templates import is_template_id, template_id
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wanted import (
    Wanted,
    comment_with_key,
    keeps_key,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC, own_options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import run_module

ARGUMENT_SPEC = {
    **COMMON_SPEC,
    "state": {"type": "str", "choices": ["present", *ENDINGS], "default": "present"},
    "request_id": {"type": "str"},
    "type": {"type": "str", "choices": list(CREATION_TYPES)},
    "profile_template": {"type": "str"},
    "target": {"type": "str"},
    "smartcard_id": {"type": "str"},
    "profile_id": {"type": "str"},
    "data_collection": {"type": "dict", "default": {}},
    "data_collection_format": {"type": "str", "choices": ["list", "string"], "default": "list"},
    "comment": {"type": "str", "default": ""},
    "priority": {"type": "int"},
    "idempotency_key": {"type": "str", "no_log": False},
    "check_policy": {"type": "bool", "default": True},
    "reconcile_timeout": {"type": "float", "default": 10.0},
}


@dataclass(frozen=True)
class Options:
    """The module's own options."""

    state: str
    request_id: str | None
    type: str | None
    profile_template: str | None
    target: str | None
    smartcard_id: str | None
    profile_id: str | None
    data_collection: Mapping[str, Any]
    data_collection_format: str
    comment: str
    priority: int | None
    idempotency_key: str | None
    check_policy: bool
    reconcile_timeout: float


class Result(Returned):
    """The module's result."""

    request: Request
    request_id: str


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Create or end the request, unless that was done before."""
    options = own_options(Options, params)
    if options.priority is not None and not 0 <= options.priority <= 255:
        raise UsageError("priority must be from 0, the highest, to 255, the lowest")
    how = persistence(params["retries"], options.reconcile_timeout)
    if options.state == "present":
        return _present(client, options, check_mode, how)
    return _ended(client, options, check_mode, how)


def _present(client: Client, options: Options, check_mode: bool, how: Persistence) -> Result:
    if options.request_id:
        raise UsageError(
            "request_id is only used to end a request",
            remedy="leave it out, or set state to completed, canceled or abandoned",
        )
    if not options.type:
        raise UsageError("state present needs type", remedy="set it, for example type: Enroll")
    check_subject(options.type, options.profile_template, options.smartcard_id, options.profile_id)
    comment = comment_with_key(options.comment, options.idempotency_key)
    wanted = _wanted(client, options, options.type)
    found = find_matches(client, wanted)
    if found.matches:
        request = found.matches[0]
        return {"request": request, "request_id": request["uuid"], "warnings": _twins(found.matches)}
    warnings = _check_policy(client, options, wanted) if options.check_policy else []
    body = body_of(wanted, options.data_collection, options.data_collection_format, comment, options.priority)
    request = predicted(wanted, body, options.data_collection)
    if not check_mode:
        created = create(client, wanted, body, how, found.listed)
        agreement = agree(client, wanted, created, how)
        request = agreement.request
        warnings += [*_lost_key(created.request, wanted), *agreement.warnings]
        if agreement.withdrawn:
            return {"request": request, "request_id": request["uuid"], "warnings": warnings}
    return {
        "changed": True,
        "request": request,
        "request_id": request["uuid"],
        "diff": {"before": {}, "after": _shown(options, comment)},
        "warnings": warnings,
    }


def _wanted(client: Client, options: Options, request_type: str) -> Wanted:
    # Ids are checked first, before the server is asked for the profile templates' names.
    target = optional_guid(options.target, "target")
    smartcard = optional_guid(options.smartcard_id, "smartcard_id")
    profile = optional_guid(options.profile_id, "profile_id")
    template = None
    if options.profile_template:
        listed = [] if is_template_id(options.profile_template) else client.list_profile_templates()
        template = template_id(options.profile_template, listed, "profile_template")
    return Wanted(request_type, template, target, smartcard, profile, options.idempotency_key)


def _check_policy(client: Client, options: Options, wanted: Wanted) -> list[str]:
    """Return a warning if the workflow policy cannot be read; raise UsageError if the request violates it."""
    policy, name = read_policy(client, wanted)
    if policy is None:
        return [f"The request was not checked against its policy: {name}."]
    check_policy(policy, name, options.data_collection, options.comment, options.priority)
    return []


def _shown(options: Options, comment: str) -> dict[str, Any]:
    """Return the created request as the diff shows it."""
    shown = {
        "type": options.type,
        "profile_template": options.profile_template,
        "target": options.target,
        "smartcard_id": options.smartcard_id,
        "profile_id": options.profile_id,
        "data_collection": options.data_collection,
        "priority": options.priority,
    }
    return {**{name: value for name, value in shown.items() if value not in (None, {})}, "comment": comment}


def _twins(matches: list[Request]) -> list[str]:
    if len(matches) == 1:
        return []
    others = ", ".join(request["uuid"] for request in matches[1:])
    return [
        f"There is more than one such request; {matches[0]['uuid']} was submitted first. Cancel the others: {others}."
    ]


def _lost_key(request: Request, wanted: Wanted) -> list[str]:
    if keeps_key(request, wanted):
        return []
    return [
        f"The server did not keep the comment of request {request['uuid']}, which contains idempotency_key; later runs "
        "find the request only while it is open."
    ]


def _ended(client: Client, options: Options, check_mode: bool, how: Persistence) -> Result:
    if not options.request_id:
        raise UsageError(f"state {options.state} needs request_id", remedy="set it to the id of the request to end")
    before = existing(client, guid(options.request_id, "request_id"))
    status = ENDINGS[options.state].status
    if before["status"] == status:
        return {"request": before, "request_id": before["uuid"]}
    check_reachable(before, options.state)
    if check_mode:
        code = next(number for number, name in REQUEST_STATUS.items() if name == status)
        after: Request = {**before, "status": status, "status_code": code}
    else:
        after = end(client, before, options.state, how)
    return {
        "changed": True,
        "request": after,
        "request_id": before["uuid"],
        "diff": {"before": {"status": before["status"]}, "after": {"status": after["status"]}},
    }


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
