#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look up profile templates."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_profile_template_info
short_description: Look up profile templates in MIM CM
version_added: 0.2.0
description:
  - Returns profile templates by name, by id, or all that the account may read, optionally with their workflow policies
    and their smart card configuration.
extends_documentation_fragment:
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.attributes.info_module
  - certops.mimcm.query
  - certops.mimcm.connection
  - certops.mimcm.auth
attributes:
  async:
    support: partial
    details:
      - Not with O(include_admin_key=true), because the result of an asynchronous task is kept in a file and printed
        when it is collected; such a task fails.
options:
  name:
    description:
      - Return only the profile templates with exactly this name.
    type: str
  ids:
    description:
      - The ids (GUIDs) of the profile templates to return.
      - An id that the server does not know, or that the account may not see, is returned in RV(missing).
    type: list
    elements: str
    aliases: [profile_template_ids, profile_template_id]
  target_user:
    description:
      - Return only profile templates that this user may enrol for. The API only supports V(current), the account that
        signs in.
    type: str
    choices: [current]
  policies:
    description:
      - The workflow policies to return, by type. Each of them takes one more call per profile template.
      - V(Enroll), V(Duplicate), V(OfflineUnblock), V(OnlineUpdate), V(Renew), V(Recover), V(RecoverOnBehalf),
        V(Reinstate), V(Retire), V(Revoke), V(TemporaryEnroll) and V(Unblock), in upper or lower case; or V(all) or
        V(true) for all of them.
    type: list
    elements: str
    default: []
  smartcard_configuration:
    description:
      - Whether to return the smart card configuration, which takes one more call per profile template for smart cards.
    type: bool
    default: false
  include_admin_key:
    description:
      - Whether to keep C(default_admin_key_hex), C(admin_pin_policy) and C(card_initialization_data) in the smart card
        configuration. The first is the key that opens every card that does not have its own admin key; the other two
        may hold secrets.
      - The task's output is then hidden, as with C(no_log=true), but the registered variable still contains the key.
    type: bool
    default: false
seealso:
  - module: certops.mimcm.mimcm_request
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Read the workflow policy for enrolments
  certops.mimcm.mimcm_profile_template_info:
    url: https://cm.contoso.com
    name: FIM CM Sample Smart Card Logon Profile Template
    policies: [Enroll]
  register: found

- name: Show the data collection items
  ansible.builtin.debug:
    msg: "{{ found.profile_templates[0].policies.Enroll.policy_data_collection }}"

- name: List the names of all profile templates for smart cards
  certops.mimcm.mimcm_profile_template_info:
    url: https://cm.contoso.com
    query: "[?is_smartcard_profile_template].name"
"""

RETURN = r"""
profile_templates:
  description: The profile templates. Empty with O(query).
  returned: success
  type: list
  elements: dict
  contains:
    uuid:
      description: The profile template's id, in lower case without braces.
      type: str
    name:
      description: The profile template's name.
      type: str
    description:
      description: The profile template's description.
      type: str
    is_smartcard_profile_template:
      description: Whether it is for smart cards, physical or virtual.
      type: bool
    is_virtual_smartcard_profile_template:
      description: Whether it is for virtual smart cards.
      type: bool
    policies:
      description:
        - The workflow policies by type, with the server's properties in snake_case. Null if the profile template has no
          such policy. With O(policies).
      type: dict
    smartcard_configuration:
      description:
        - The smart card configuration, with the server's properties in snake_case, except C(default_admin_key_hex),
          C(admin_pin_policy) and C(card_initialization_data), which are left out unless O(include_admin_key=true). Null
          for a profile template without smart cards. With O(smartcard_configuration=true).
      type: dict
  sample:
    - uuid: 2b7044cf-aa96-4911-b886-177947e9271b
      name: FIM CM Sample Smart Card Logon Profile Template
      description: Description of the template goes here
      is_smartcard_profile_template: true
      is_virtual_smartcard_profile_template: false
count:
  description: The number of profile templates found, before O(query) was applied.
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
    - The ids of the profile templates that could not be read, or not in full, for example because the account may not
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
from typing import Any, TypedDict

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MimcmError, UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import POLICY_TYPES
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import without_secrets
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import (
    ProfileTemplate,
    SmartcardConfiguration,
    WorkflowPolicy,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import guids
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import one_of
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.lookup import (
    Looked,
    NotRead,
    alone,
    find_each,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC, own_options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import run_module
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support import queries

ARGUMENT_SPEC = {
    **COMMON_SPEC,
    "name": {"type": "str"},
    "ids": {"type": "list", "elements": "str", "aliases": ["profile_template_ids", "profile_template_id"]},
    "target_user": {"type": "str", "choices": ["current"]},
    "policies": {"type": "list", "elements": "str", "default": []},
    "smartcard_configuration": {"type": "bool", "default": False},
    "include_admin_key": {"type": "bool", "default": False, "no_log": False},
    "query": {"type": "str"},
}

RETURNS_SECRET = "include_admin_key"
"""The option with which the result contains a secret."""


@dataclass(frozen=True)
class Options:
    """The module's own options."""

    name: str | None
    ids: Sequence[str] | None
    target_user: str | None
    policies: Sequence[str]
    smartcard_configuration: bool
    include_admin_key: bool
    query: str | None


class _Details(TypedDict, total=False):
    policies: dict[str, WorkflowPolicy | None] | None
    smartcard_configuration: dict[str, Any] | None


class DetailedTemplate(ProfileTemplate, _Details):
    """A profile template, with the additional keys that the options ask for."""


class Result(Returned, NotRead):
    """The module's result."""

    profile_templates: list[DetailedTemplate]
    count: int
    query_result: Any


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Return the profile templates that the options ask for."""
    options = own_options(Options, params)
    one_of(name=options.name, ids=options.ids)
    one_of(target_user=options.target_user, ids=options.ids)
    query = queries.optional(options.query)
    types = _policy_types(options.policies)
    looked = _find(client, options)
    found = [_detailed(client, options, types, template, looked.errors) for template in looked.found]
    looked.check()
    shown, query_result = queries.answered(query, found)
    return {
        "profile_templates": shown,
        "count": len(found),
        "missing": looked.missing,
        "unreadable": list(looked.errors),
        "problems": looked.problems,
        "query_result": query_result,
        "warnings": looked.warnings("profile templates"),
    }


def _find(client: Client, options: Options) -> Looked[ProfileTemplate]:
    if options.ids is None:
        listed = client.list_profile_templates(options.target_user)
        return Looked([template for template in listed if options.name in (None, template["name"])])
    looked = find_each(client, client.get_profile_template, guids(options.ids, "ids"))
    # The reference lists the route for one profile template, but does not describe it. If a server lacks it, the list
    # of all templates still works.
    unknown = [*looked.missing, *looked.errors]
    listed = client.list_profile_templates() if looked.missing else []
    looked.found += [template for template in listed if template["uuid"] in unknown]
    known = {template["uuid"] for template in looked.found}
    looked.missing = [template_id for template_id in looked.missing if template_id not in known]
    looked.errors = {template_id: error for template_id, error in looked.errors.items() if template_id not in known}
    return looked


def _policy_types(given: Sequence[str]) -> list[str]:
    known = {name.lower(): [name] for name in POLICY_TYPES} | {"all": POLICY_TYPES, "true": POLICY_TYPES, "false": []}
    unknown = [name for name in given if name.lower() not in known]
    if unknown:
        raise UsageError(
            f"'{unknown[0]}' is not a type of workflow policy",
            where="policies",
            remedy=f"use {', '.join(POLICY_TYPES)} or all",
        )
    wanted = {name for text in given for name in known[text.lower()]}
    return [name for name in POLICY_TYPES if name in wanted]


def _detailed(
    client: Client, options: Options, types: list[str], template: ProfileTemplate, errors: dict[str, MimcmError]
) -> DetailedTemplate:
    """Return a template with the details that the options ask for, which are null if they cannot be read.

    Args:
        client: The API.
        options: The module's options.
        types: The types of the policies.
        template: The template.
        errors: Where to note an error.
    """
    details = alone(_details, client, options, types, template)
    if isinstance(details, MimcmError):
        errors[template["uuid"]] = details
        details = {}
        if types:
            details["policies"] = None
        if options.smartcard_configuration or options.include_admin_key:
            details["smartcard_configuration"] = None
    return {**template, **details}


def _details(client: Client, options: Options, types: list[str], template: ProfileTemplate) -> _Details:
    details: _Details = {}
    if types:
        details["policies"] = {name: client.get_workflow_policy(template["uuid"], name) for name in types}
    if options.smartcard_configuration or options.include_admin_key:
        configuration = _configuration(client, template)
        shown: dict[str, Any] | None = configuration and dict(configuration)
        details["smartcard_configuration"] = shown if options.include_admin_key else without_secrets(shown)
    return details


def _configuration(client: Client, template: ProfileTemplate) -> SmartcardConfiguration | None:
    if template["is_smartcard_profile_template"] is False:
        return None
    return client.get_smartcard_configuration(template["uuid"])


def main() -> None:
    run_module(ARGUMENT_SPEC, run, secret=RETURNS_SECRET)


if __name__ == "__main__":
    main()
