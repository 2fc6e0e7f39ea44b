#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look up smart cards."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_smartcard_info
short_description: Look up smart cards in MIM CM
version_added: 0.2.0
description:
  - Returns smart cards by id, by the card's own id, by request, or all that the account may read.
extends_documentation_fragment:
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.attributes.info_module
  - certops.mimcm.query
  - certops.mimcm.connection
  - certops.mimcm.auth
options:
  smartcard_ids:
    description:
      - The ids (C(Uuid), GUIDs) of the smart cards to return.
      - An id that the server does not know, or that the account may not see, is returned in RV(missing).
    type: list
    elements: str
    aliases: [ids, smartcard_id]
  card_id:
    description:
      - Return the smart card with this card id, a GUID. The card's serial number is this id in braces.
    type: str
  request_id:
    description:
      - Return the smart cards of this request, the new one and the old one.
    type: str
  status:
    description:
      - Return only smart cards with this status. The module filters them after reading, because the API has no such
        filter.
    type: str
    choices: [New, Assigned, Active, Disabled, Retired]
  gather:
    description:
      - Additional values to return. Each of them takes one more call per smart card.
    type: list
    elements: str
    choices: [operations, certificates]
    default: []
seealso:
  - module: certops.mimcm.mimcm_smartcard
  - module: certops.mimcm.mimcm_certificate_info
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Find the smart card that is in the reader, with its allowed operations
  certops.mimcm.mimcm_smartcard_info:
    url: https://cm.contoso.com
    card_id: bc88f13f-83ba-4037-8262-46eba1291c6e
    gather: [operations]
  register: card

- name: Fail if the card cannot be unblocked
  ansible.builtin.assert:
    that: "'unblock' in card.smartcards[0].operations"

- name: List the smart cards of a request, with their certificates
  certops.mimcm.mimcm_smartcard_info:
    url: https://cm.contoso.com
    request_id: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
    gather: [certificates]
"""

RETURN = r"""
smartcards:
  description: The smart cards. Empty with O(query).
  returned: success
  type: list
  elements: dict
  contains:
    uuid:
      description: The smart card's id, in lower case without braces. It is new each time the card is assigned.
      type: str
    card_id:
      description: The card's own id, taken from C(serial_number). It stays the same.
      type: str
    status:
      description: The name of the status; null if this version of the collection does not know its number.
      type: str
    status_code:
      description: The number of the status on the server.
      type: int
    assigned_user_uuid:
      description: The C(objectGUID) of the user to whom the card is assigned.
      type: str
    profile_template_uuid:
      description: The id of the card's profile template.
      type: str
    profile_template_version:
      description: The version of the profile template with which the card was created.
      type: int
    parent_smartcard_uuid:
      description: The id of the card that this one replaces.
      type: str
    primary_smartcard_uuid:
      description: The id of the card that this one duplicates.
      type: str
    permanent_smartcard_uuid:
      description: The id of the card for which this one is a temporary substitute.
      type: str
    serial_number:
      description: The card's own id in braces, as the server spells it.
      type: str
    atr:
      description: The card's answer to reset, in hexadecimal.
      type: str
    middleware:
      description: The name of the card's middleware.
      type: str
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
    - uuid: 17cf063d-e337-4aa9-a822-346554ddd3c9
      card_id: bc88f13f-83ba-4037-8262-46eba1291c6e
      status: Active
      status_code: 2
      assigned_user_uuid: 8f1590dc-d932-4b66-8e68-2e91c5880780
      profile_template_uuid: a039b4d0-5ce8-4eff-8651-181c6576fda3
      profile_template_version: 46
      parent_smartcard_uuid: null
      primary_smartcard_uuid: null
      permanent_smartcard_uuid: null
      serial_number: "{bc88f13f-83ba-4037-8262-46eba1291c6e}"
      atr: 3b8d0180fba000000397425446590301c8
      middleware: MSBaseCSP
      comment: ""
      flags: 1
count:
  description: The number of smart cards found, before O(query) was applied.
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
    - The ids of the smart cards that could not be read, or not in full, for example because the account may not
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
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import SMARTCARD_STATUS
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import SMARTCARD, unknown_code_warnings
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Smartcard
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import guid, guids
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import one_of
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.lookup import (
    Looked,
    NotRead,
    existing,
    find_each,
    with_gathered,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC, own_options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import run_module
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support import queries

ARGUMENT_SPEC = {
    **COMMON_SPEC,
    "smartcard_ids": {"type": "list", "elements": "str", "aliases": ["ids", "smartcard_id"]},
    "card_id": {"type": "str"},
    "request_id": {"type": "str"},
    "status": {"type": "str", "choices": list(SMARTCARD_STATUS.values())},
    "gather": {"type": "list", "elements": "str", "choices": ["operations", "certificates"], "default": []},
    "query": {"type": "str"},
}


@dataclass(frozen=True)
class Options:
    """The module's own options."""

    smartcard_ids: Sequence[str] | None
    card_id: str | None
    request_id: str | None
    status: str | None
    gather: Sequence[str]
    query: str | None


class Result(Returned, NotRead):
    """The module's result."""

    smartcards: list[Smartcard]
    count: int
    query_result: Any


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Return the smart cards that the options ask for."""
    options = own_options(Options, params)
    one_of(smartcard_ids=options.smartcard_ids, card_id=options.card_id, request_id=options.request_id)
    query = queries.optional(options.query)
    looked = _find(client, options)
    looked.found = [card for card in looked.found if options.status in (None, card["status"])]
    readers = {"operations": client.list_smartcard_operations, "certificates": client.list_smartcard_certificates}
    with_gathered(client, looked, options.gather, readers)
    looked.check()
    shown, query_result = queries.answered(query, looked.found)
    return {
        "smartcards": shown,
        "count": len(looked.found),
        "missing": looked.missing,
        "unreadable": list(looked.errors),
        "problems": looked.problems,
        "query_result": query_result,
        "warnings": [*looked.warnings("smart cards"), *unknown_code_warnings(looked.found, SMARTCARD)],
    }


def _find(client: Client, options: Options) -> Looked[Smartcard]:
    if options.smartcard_ids is not None:
        return find_each(client, client.get_smartcard, guids(options.smartcard_ids, "smartcard_ids"))
    if options.request_id:
        request = existing(client, guid(options.request_id, "request_id"))
        ids = (request["new_smartcard_uuid"], request["old_smartcard_uuid"])
        return find_each(client, client.get_smartcard, dict.fromkeys(filter(None, ids)))
    if options.card_id:
        card_id = guid(options.card_id, "card_id")
        found = client.list_smartcards(card_id)
        return Looked(found, [] if found else [card_id])
    return Looked(client.list_smartcards())


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
