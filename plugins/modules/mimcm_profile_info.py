#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look up software profiles."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_profile_info
short_description: Look up profiles in MIM CM
version_added: 0.2.0
description:
  - Returns profiles by id, by request, or all that the account may read.
  - A profile holds what a user has been issued under a profile template; every smart card has its own profile.
extends_documentation_fragment:
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.attributes.info_module
  - certops.mimcm.query
  - certops.mimcm.connection
  - certops.mimcm.auth
options:
  profile_ids:
    description:
      - The ids (GUIDs) of the profiles to return.
      - An id that the server does not know, or that the account may not see, is returned in RV(missing).
    type: list
    elements: str
    aliases: [ids, profile_id]
  request_id:
    description:
      - Return the profiles of this request.
    type: str
  status:
    description:
      - Return only profiles with this status. The module filters V(New), V(Active), V(Disabled) and V(Retired) by what
        each profile shows; without O(profile_ids) and O(request_id), the server filters V(Active) too.
      - The API documents V(Approved), V(Canceled), V(Completed), V(Denied), V(Executing), V(Failed), V(None) and
        V(Pending) as filters, but not what they mean for a profile. Profiles do not show such a status, so for these
        the server alone decides.
      - The API has no filter for V(Suspended), and its number is not documented, so no profile is found by it. Profiles
        whose number is not known have a null C(status); compare their C(status_code).
    type: str
    choices:
      - New
      - Active
      - Disabled
      - Suspended
      - Retired
      - Approved
      - Canceled
      - Completed
      - Denied
      - Executing
      - Failed
      - None
      - Pending
  gather:
    description:
      - Additional values to return. Each of them takes one more call per profile.
    type: list
    elements: str
    choices: [operations, certificates]
    default: []
seealso:
  - module: certops.mimcm.mimcm_profile_template_info
  - module: certops.mimcm.mimcm_certificate_info
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: List all active profiles that may be renewed
  certops.mimcm.mimcm_profile_info:
    url: https://cm.contoso.com
    status: Active
    query: "[?contains(profile_operations, 'renew')].uuid"
  register: renewable

- name: List the profiles that a request created, with their certificates
  certops.mimcm.mimcm_profile_info:
    url: https://cm.contoso.com
    request_id: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
    gather: [certificates]
"""

RETURN = r"""
profiles:
  description: The profiles. Empty with O(query).
  returned: success
  type: list
  elements: dict
  contains:
    uuid:
      description: The profile's id, in lower case without braces.
      type: str
    status:
      description: The name of the status; null if this version of the collection does not know its number.
      type: str
    status_code:
      description: The number of the status on the server.
      type: int
    assigned_user_uuid:
      description: The C(objectGUID) of the user to whom the profile belongs.
      type: str
    profile_template_uuid:
      description: The id of the profile template.
      type: str
    profile_template_version:
      description: The version of the profile template with which the profile was created.
      type: int
    parent_profile_uuid:
      description: The id of the profile that this one replaces.
      type: str
    primary_profile_uuid:
      description: The id of the profile that this one duplicates.
      type: str
    profile_operations:
      description: The names of the operations that are allowed on it, as far as the server tells.
      type: list
      elements: str
    comment:
      description: A remark.
      type: str
    flags:
      description: An opaque bit mask.
      type: int
    operations:
      description: The names of the operations that are allowed on it now. With O(gather=operations).
      type: list
      elements: str
    certificates:
      description:
        - Its certificates, with the keys that RV(certops.mimcm.mimcm_certificate_info#module:certificates) documents.
          With O(gather=certificates).
      type: list
      elements: dict
  sample:
    - uuid: c0dd5c7d-ec35-4346-baca-3ad711e9722f
      status: Active
      status_code: 2
      assigned_user_uuid: 0378a33b-8650-4713-a727-efd233903643
      profile_template_uuid: 8f31803f-8afc-49bb-911d-402ec264b589
      profile_template_version: 8
      parent_profile_uuid: 1c9e2606-fea2-4048-a6ac-b014e54c22df
      primary_profile_uuid: null
      profile_operations: [renew, disable, recover]
      comment: ""
      flags: 1
count:
  description: The number of profiles found, before O(query) was applied.
  returned: success
  type: int
  sample: 1
missing:
  description: The ids that the server does not know or that the account may not see.
  returned: success
  type: list
  elements: str
  sample: []
unreadable:
  description:
    - The ids of the profiles that could not be read, or not in full, for example because the account may not
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
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import (
    PROFILE_FILTERS,
    PROFILE_STATUS,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import PROFILE, unknown_code_warnings
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Profile
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import guid, guids
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import one_of
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.lookup import (
    Looked,
    NotRead,
    find_each,
    with_gathered,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC, own_options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import run_module
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support import queries

_STATUSES = list(dict.fromkeys(["New", "Active", "Disabled", "Suspended", "Retired", *PROFILE_FILTERS]))

ARGUMENT_SPEC = {
    **COMMON_SPEC,
    "profile_ids": {"type": "list", "elements": "str", "aliases": ["ids", "profile_id"]},
    "request_id": {"type": "str"},
    "status": {"type": "str", "choices": _STATUSES},
    "gather": {"type": "list", "elements": "str", "choices": ["operations", "certificates"], "default": []},
    "query": {"type": "str"},
}


@dataclass(frozen=True)
class Options:
    """The module's own options."""

    profile_ids: Sequence[str] | None
    request_id: str | None
    status: str | None
    gather: Sequence[str]
    query: str | None


class Result(Returned, NotRead):
    """The module's result."""

    profiles: list[Profile]
    count: int
    query_result: Any


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Return the profiles that the options ask for."""
    options = own_options(Options, params)
    one_of(profile_ids=options.profile_ids, request_id=options.request_id)
    query = queries.optional(options.query)
    looked = _find(client, options)
    # Of all profiles, because one with an unknown number may be the wanted one.
    warnings = unknown_code_warnings(looked.found, PROFILE)
    looked.found = _in_status(client, options, looked.found)
    readers = {"operations": client.list_profile_operations, "certificates": client.list_profile_certificates}
    with_gathered(client, looked, options.gather, readers)
    looked.check()
    shown, query_result = queries.answered(query, looked.found)
    return {
        "profiles": shown,
        "count": len(looked.found),
        "missing": looked.missing,
        "unreadable": list(looked.errors),
        "problems": looked.problems,
        "query_result": query_result,
        "warnings": [*looked.warnings("profiles"), *warnings],
    }


def _find(client: Client, options: Options) -> Looked[Profile]:
    if options.profile_ids is not None:
        return find_each(client, client.get_profile, guids(options.profile_ids, "profile_ids"))
    if options.request_id:
        return Looked(client.list_request_profiles(guid(options.request_id, "request_id")))
    # Any other name is none of the API's.
    return Looked(client.list_profiles(options.status if options.status in PROFILE_FILTERS else None))


def _in_status(client: Client, options: Options, known: list[Profile]) -> list[Profile]:
    """Return the profiles in a status. By what a profile shows, where it can; the server may not filter lists."""
    status = options.status
    if status is None:
        return known
    if status not in PROFILE_FILTERS or status in PROFILE_STATUS.values():
        return [profile for profile in known if profile["status"] == status]
    if options.profile_ids is None and options.request_id is None:
        return known
    listed = {profile["uuid"] for profile in client.list_profiles(status)}
    return [profile for profile in known if profile["uuid"] in listed]


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
