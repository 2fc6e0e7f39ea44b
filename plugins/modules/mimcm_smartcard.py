#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bind smart cards to requests and update their status."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_smartcard
short_description: Bind a smart card to a request in MIM CM, or change its status
version_added: 0.2.0
description:
  - Binds the card that is in a reader to an approved request, or changes the status of a smart card under a request.
extends_documentation_fragment:
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.connection
  - certops.mimcm.auth
attributes:
  check_mode:
    support: full
    details:
      - It only reads, and predicts the smart card. A card that would be bound has no C(uuid) yet.
  diff_mode:
    support: full
    details:
      - The diff shows the binding, or the status.
  async:
    support: full
options:
  state:
    description:
      - V(assigned) binds the card O(card_id) to the request O(request_id), which must be Approved or Executing, unless
        it is already bound to it. A request that is bound to another card is an error.
      - Any other state gives the smart card that status, unless it already has it. Which changes the server allows is
        not documented; the server decides.
      - The number of C(Suspended) is not documented. V(suspended) is therefore always sent, and reported as changed
        only if the status that comes back differs from the one before.
    type: str
    choices: [assigned, active, disabled, suspended, retired]
    default: assigned
  request_id:
    description:
      - The id (a GUID) of the request to which the card is bound, or under which its status changes.
    type: str
    required: true
  card_id:
    description:
      - The card's own id, a GUID. The card's serial number is this id in braces. Required with O(state=assigned).
    type: str
  atr:
    description:
      - The card's answer to reset, in hexadecimal. Sent with O(state=assigned).
    type: str
  smartcard_id:
    description:
      - The id (the C(Uuid), a GUID) of the smart card whose status changes. By default, the one that the request is
        about.
    type: str
  reconcile_timeout:
    description:
      - If the connection breaks or times out after a change was sent, the module checks whether it was carried out, and
        sends it again only if it was not. This is how many seconds to keep checking before sending it again, because a
        slow server may still be working on it.
      - O(retries) is the maximum number of times it is sent again.
    type: float
    default: 10
seealso:
  - module: certops.mimcm.mimcm_smartcard_info
  - module: certops.mimcm.mimcm_request
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Bind the card that is in the reader
  certops.mimcm.mimcm_smartcard:
    url: https://cm.contoso.com
    request_id: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
    card_id: bc88f13f-83ba-4037-8262-46eba1291c6e
    atr: 3b8d0180fba000000397425446590301c8
  register: card

- name: Retire a card under its retire request
  certops.mimcm.mimcm_smartcard:
    url: https://cm.contoso.com
    request_id: b105403d-d021-41ea-9f11-be3d677d229e
    smartcard_id: 17cf063d-e337-4aa9-a822-346554ddd3c9
    state: retired
"""

RETURN = r"""
smartcard:
  description: The smart card, with the keys that RV(certops.mimcm.mimcm_smartcard_info#module:smartcards) documents.
  returned: success
  type: dict
  sample:
    uuid: 17cf063d-e337-4aa9-a822-346554ddd3c9
    card_id: bc88f13f-83ba-4037-8262-46eba1291c6e
    status: Assigned
    status_code: 1
smartcard_id:
  description: The smart card's id; null in check mode if it would be bound.
  returned: success, and failure after it was bound
  type: str
  sample: 17cf063d-e337-4aa9-a822-346554ddd3c9
"""

from dataclasses import dataclass

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.write_once import Persistence, persistence
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import SMARTCARD, unknown_code_warnings
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Smartcard
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import guid, optional_guid
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.lookup import existing
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC, own_options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import run_module
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.smartcard.bind import (
    bind,
    bound_card,
    check_bindable,
    predicted_card,
    set_status,
    status_name,
)

ARGUMENT_SPEC = {
    **COMMON_SPEC,
    "state": {
        "type": "str",
        "choices": ["assigned", "active", "disabled", "suspended", "retired"],
        "default": "assigned",
    },
    "request_id": {"type": "str", "required": True},
    "card_id": {"type": "str"},
    "atr": {"type": "str"},
    "smartcard_id": {"type": "str"},
    "reconcile_timeout": {"type": "float", "default": 10.0},
}


@dataclass(frozen=True)
class Options:
    """The module's own options."""

    state: str
    request_id: str
    card_id: str | None
    atr: str | None
    smartcard_id: str | None
    reconcile_timeout: float


class Result(Returned):
    """The module's result."""

    smartcard: Smartcard
    smartcard_id: str


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Bind the smart card or change its status, unless that was done before."""
    options = own_options(Options, params)
    how = persistence(params["retries"], options.reconcile_timeout)
    request_id = guid(options.request_id, "request_id")
    if options.state == "assigned":
        return _assigned(client, options, request_id, check_mode, how)
    return _in_status(client, options, request_id, check_mode, how)


def _assigned(client: Client, options: Options, request_id: str, check_mode: bool, how: Persistence) -> Result:
    if not options.card_id:
        raise UsageError("state assigned needs card_id", remedy="set it to the card's own id")
    if options.smartcard_id:
        raise UsageError(
            "The server makes a new smartcard_id each time a card is assigned",
            remedy="leave smartcard_id out with state assigned",
        )
    card_id = guid(options.card_id, "card_id")
    request = existing(client, request_id)
    card = bound_card(client, request, card_id)
    if card is not None:
        return {"smartcard": card, "smartcard_id": card["uuid"]}
    check_bindable(request)
    after = predicted_card(request, card_id, options.atr)
    if not check_mode:
        after = bind(client, after, request_id, card_id, options.atr, how)
    return {
        "changed": True,
        "smartcard": after,
        "smartcard_id": after["uuid"],
        "diff": {
            "before": {"request": request_id},
            "after": {"request": request_id, "card_id": card_id, "atr": options.atr},
        },
    }


def _in_status(client: Client, options: Options, request_id: str, check_mode: bool, how: Persistence) -> Result:
    smartcard_id = optional_guid(options.smartcard_id, "smartcard_id")
    if smartcard_id is None:
        request = existing(client, request_id)
        smartcard_id = request["new_smartcard_uuid"] or request["old_smartcard_uuid"]
    before = client.get_smartcard(smartcard_id) if smartcard_id else None
    if smartcard_id is None or before is None:
        raise UsageError(
            "The smart card does not exist on the server, or the account may not read it", remedy="set smartcard_id"
        )
    status = status_name(options.state)
    if before["status"] == status:
        return {"smartcard": before, "smartcard_id": smartcard_id}
    if check_mode:
        after: Smartcard = {**before, "status": status, "status_code": None}
    else:
        after = set_status(client, request_id, before, status, how)
    return {
        "changed": check_mode or after["status_code"] != before["status_code"],
        "smartcard": after,
        "smartcard_id": smartcard_id,
        "diff": {"before": {"status": before["status"]}, "after": {"status": after["status"]}},
        "warnings": [] if check_mode else unknown_code_warnings([after], SMARTCARD),
    }


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
