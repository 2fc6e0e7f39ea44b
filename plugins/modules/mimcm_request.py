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
  - Creates a request of any type that the API documents, unless there is one already, or ends one.
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
      - It only reads, and predicts the request. One that would be created has no C(uuid) and no C(status) yet.
  diff_mode:
    support: full
    details:
      - The difference shows the fields that are sent, or the status.
  async:
    support: full
options:
  state:
    description:
      - With V(present) the request is created, unless one of the same O(type), O(profile_template), O(target), and
        O(smartcard_id) or O(profile_id) is open, that is Pending, Approved or Executing. That one is returned
        unchanged, the first submitted if there are several.
      - With V(completed) an Approved or Executing request is marked as completed.
      - With V(canceled) an open request is canceled. From which statuses the server allows it is not documented; it
        decides.
      - With V(abandoned) an Approved or Executing request is abandoned. It ends as Failed, so a Failed request is no
        change. The originator may do so from server build 4.4.1749 on.
    type: str
    choices: [present, completed, canceled, abandoned]
    default: present
  request_id:
    description:
      - The id (a GUID) of the request to end. Needed for every O(state) but V(present), where it must be left out.
    type: str
  type:
    description:
      - What is requested. Needed with O(state=present).
      - Answers call some types by other names. V(Revoke) comes back as C(Disable), V(Reinstate) as
        C(SuspendOrReinstate), and V(TemporaryCards) as C(TemporaryCardEnroll).
      - No source tells the number under which V(OfflineUnblock) comes back; any number without a known name is taken
        for it when an open request is looked for.
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
      - Needed for O(type=Enroll) and O(type=TemporaryCards). Requests about a card or a profile have that one's.
    type: str
  target:
    description:
      - The user for whom it is requested, by the C(objectGUID) of the account in Active Directory. The API has no call
        to look a user up.
      - Without it the request is for the account that signs in, or for whom the card or profile belongs to.
    type: str
  smartcard_id:
    description:
      - The smart card's id (its C(Uuid), a GUID) that the request is about.
      - Needed for V(Unblock), V(OfflineUnblock) and V(Retire); V(Recover), V(Renew), V(Revoke), V(Duplicate),
        V(RecoverOnBehalf), V(Reinstate) and V(OnlineUpdate) need it or O(profile_id). With V(TemporaryCards) it is the
        permanent card, and optional.
    type: str
  profile_id:
    description:
      - The id (a GUID) of the software profile that the request is about.
    type: str
  data_collection:
    description:
      - The values of the data collection items, by their names in the profile template's policy.
    type: dict
    default: {}
  data_collection_format:
    description:
      - How O(data_collection) is sent. Both forms are documented, and which of them a server accepts is not.
      - V(list) sends a list with one object an item, V(string) a string that holds the JSON of that list. An empty
        collection is always sent as a string.
    type: str
    choices: [list, string]
    default: list
  comment:
    description:
      - A remark for the approver, at most 256 characters together with the O(idempotency_key).
    type: str
    default: ""
  priority:
    description:
      - From 0, the highest, to 255, the lowest. Without it the server uses the policy's default.
    type: int
  idempotency_key:
    description:
      - Your own name for this request, 1 to 64 letters, digits or characters of C(._:/@+-), for example the number of a
        ticket.
      - It is appended to the comment as C([mimcm:the-key]) and found there by later runs, also when the request has
        Completed. Then nothing is created again.
      - An open request that carries another key is another request. One that carries none is taken for this one.
      - A request that was Denied, Canceled or Failed does not count; a new one is created.
    type: str
  check_policy:
    description:
      - Before a request is created, read the profile template's policy for it, and fail with one message that names
        everything that is missing or not collected.
      - Where the account may not read the policy, or the server has none, there is a warning and no check.
      - The API documents which properties a policy has, but not how its data collection items look. What cannot be
        understood is not held against the request.
    type: bool
    default: true
  reconcile_timeout:
    description:
      - When the connection breaks or times out after a creation was sent, the request is looked for, and sent again
        only if it is not there. For so many seconds it is looked for before that, because a slow server may still
        create it.
      - O(retries) is how often it is sent again at the most. With 0 it is looked for and never sent again.
    type: float
    default: 10
notes:
  - The API has no transactions and no idempotency of its own. Two playbooks that run the same task in the same second
    can both find nothing and both create. Each later run warns of the second request, and returns the first submitted,
    so that all of them go on with the same one. Cancel the other.
  - A server that creates a request later than O(reconcile_timeout) seconds after the connection broke can create a
    second one; so can one that ends it as Denied or Failed within that time.
  - The open requests are looked for with one call for each of the three statuses. For O(idempotency_key) the Completed
    ones are listed too if none is open, which can be a long list.
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

- name: Give up a request that nobody executes
  certops.mimcm.mimcm_request:
    url: https://cm.contoso.com
    request_id: 0c96d73f-967b-420e-854a-43ad2a1504bc
    state: abandoned
"""

RETURN = r"""
request:
  description:
    - The request, with the keys that RV(certops.mimcm.mimcm_request_info#module:requests) documents.
    - What the server did not tell is null, for example in check mode.
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
  description: The request's id, null in check mode when it would be created.
  returned: success, and failure after it was created
  type: str
  sample: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
"""

from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.write_once import Persistence, persistence
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import CREATION_TYPES, REQUEST_STATUS
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import wire_data_collection
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import guid, optional_guid
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request import (
    create,
    end,
    lookup,
    match,
    workflow_policy,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wanted import (
    Wanted,
    carried_key,
    comment_with_key,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Result
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import run_module

ARGUMENT_SPEC = {
    **COMMON_SPEC,
    "state": {"type": "str", "choices": ["present", *end.ENDINGS], "default": "present"},
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


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Bring the request into the wanted state."""
    if params["priority"] is not None and not 0 <= params["priority"] <= 255:
        raise UsageError("priority must be from 0, the highest, to 255, the lowest")
    how = persistence(params)
    if params["state"] == "present":
        return _present(client, params, check_mode, how)
    return _ended(client, params, check_mode, how)


def _present(client: Client, params: Params, check_mode: bool, how: Persistence) -> Result:
    if params["request_id"]:
        raise UsageError("request_id is for requests that are to end", remedy="leave it out, or set state")
    if not params["type"]:
        raise UsageError("state present needs type, for example type: Enroll")
    create.check_subject(params["type"], params)
    comment = comment_with_key(params["comment"], params["idempotency_key"])
    wanted = _wanted(client, params)
    matches = match.find_matches(client, wanted)
    if matches:
        return {"request": matches[0], "request_id": matches[0]["uuid"], "warnings": _twins(matches)}
    warnings = _check_policy(client, params, wanted) if params["check_policy"] else []
    body = {
        "profiletemplateuuid": wanted.profile_template,
        "datacollection": wire_data_collection(params["data_collection"], params["data_collection_format"]),
        "target": wanted.target,
        "type": wanted.type,
        "comment": comment,
        "priority": None if params["priority"] is None else str(params["priority"]),
        "smartcard": wanted.smartcard,
        "profile": wanted.profile,
    }
    request = create.predicted(wanted, body, params["data_collection"])
    if not check_mode:
        request_id, found = create.create(client, wanted, body, how)
        request = found or {**request, "uuid": request_id}
        warnings += _lost_key(request, wanted)
    shown = ("type", "profile_template", "target", "smartcard_id", "profile_id", "data_collection", "priority")
    fields = {name: params[name] for name in shown if params[name] not in (None, {})}
    return {
        "changed": True,
        "request": request,
        "request_id": request["uuid"],
        "diff": {"before": {}, "after": {**fields, "comment": comment}},
        "warnings": warnings,
    }


def _wanted(client: Client, params: Params) -> Wanted:
    # Ids are checked before the server is asked for a name.
    target, smartcard, profile = (
        optional_guid(params[name], name) for name in ("target", "smartcard_id", "profile_id")
    )
    template = create.template_id(client, params["profile_template"]) if params["profile_template"] else None
    return Wanted(params["type"], template, target, smartcard, profile, params["idempotency_key"])


def _check_policy(client: Client, params: Params, wanted: Wanted) -> list[str]:
    """Return a warning if the policy cannot be read; raise if the request does not agree with it."""
    found, name = create.read_policy(client, wanted)
    if found is None:
        return [f"The request was not checked against its policy: {name}."]
    against = workflow_policy.objections(found, params["data_collection"], params["comment"], params["priority"])
    if against:
        raise UsageError(
            f"The request does not agree with {name}",
            reason="; ".join(against),
            remedy="or set check_policy: false to leave the decision to the server",
        )
    return []


def _twins(matches: list[Any]) -> list[str]:
    if len(matches) == 1:
        return []
    others = ", ".join(request["uuid"] for request in matches[1:])
    return [f"There is more than one such request; {matches[0]['uuid']} was submitted first, cancel {others}."]


def _lost_key(request: Any, wanted: Wanted) -> list[str]:
    if not wanted.key or request["comment"] is None or carried_key(request) == wanted.key:
        return []
    return [
        f"The server did not keep the comment of request {request['uuid']}, which carries idempotency_key; later runs "
        "find the request only while it is open."
    ]


def _ended(client: Client, params: Params, check_mode: bool, how: Persistence) -> Result:
    state = params["state"]
    if not params["request_id"]:
        raise UsageError(f"state {state} needs request_id")
    before = lookup.read(client, guid(params["request_id"], "request_id"))
    result = {"request": before, "request_id": before["uuid"]}
    status = end.ENDINGS[state].status
    if before["status"] == status:
        return result
    end.check_reachable(before, state)
    if check_mode:
        code = next(number for number, name in REQUEST_STATUS.items() if name == status)
        after = {**before, "status": status, "status_code": code}
    else:
        after = end.end(client, before, state, how)
    diff = {"before": {"status": before["status"]}, "after": {"status": after["status"]}}
    return {**result, "changed": True, "request": after, "diff": diff}


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
