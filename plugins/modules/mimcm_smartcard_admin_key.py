#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fetch the diversified admin key of a smart card."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_smartcard_admin_key
short_description: Fetch the admin key of a smart card from MIM CM
version_added: 0.2.0
description:
  - Returns the admin key that the server derived for one smart card, to be written to the card.
  - The key is never printed. The task's output is hidden as with C(no_log=true), at any verbosity and in loops, but the
    registered variable still contains the key. A failed task shows its message, which never contains the key.
  - Values that are computed from the registered variable are not protected; set C(no_log=true) on tasks that use them.
extends_documentation_fragment:
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.attributes.info_module
  - certops.mimcm.smartcard
  - certops.mimcm.connection
  - certops.mimcm.auth
attributes:
  async:
    support: none
    details:
      - The result of an asynchronous task is kept in a file and printed when it is collected, so the task fails.
options:
  request_id:
    description:
      - The id (a GUID) of the request under which the card is handled.
    type: str
    required: true
  smartcard_id:
    description:
      - The smart card's id (its C(Uuid), a GUID), as in
        RV(certops.mimcm.mimcm_request_info#module:requests[].new_smartcard_uuid).
    type: str
    required: true
  card_id:
    required: true
seealso:
  - module: certops.mimcm.mimcm_smartcard_challenge
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Fetch the card's own admin key
  certops.mimcm.mimcm_smartcard_admin_key:
    url: https://cm.contoso.com
    request_id: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
    smartcard_id: 17cf063d-e337-4aa9-a822-346554ddd3c9
    card_id: bc88f13f-83ba-4037-8262-46eba1291c6e
  register: key
"""

RETURN = r"""
admin_key:
  description: The admin key in base64, as the server returns it. Null if it has none. Never printed.
  returned: success
  type: str
  sample: mBVA+HopB/gc+6FuKsQqx+OX01hK1WQI
admin_key_hex:
  description: The same bytes in hexadecimal. Never printed.
  returned: success
  type: str
  sample: 981540f87a2907f81cfba16e2ac42ac7e397d3584ad56408
smartcard_id:
  description: The smart card's id, in lower case without braces.
  returned: success
  type: str
  sample: 17cf063d-e337-4aa9-a822-346554ddd3c9
"""

from dataclasses import dataclass

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import answered_bytes, guid
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import (
    CARD_SPEC,
    COMMON_SPEC,
    own_options,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import run_module

ARGUMENT_SPEC = {
    **COMMON_SPEC,
    **CARD_SPEC,
    "request_id": {"type": "str", "required": True},
    "smartcard_id": {"type": "str", "required": True},
    "card_id": {"type": "str", "required": True},
}

RETURNS_SECRET = True
"""Makes the action shell hide the task's output, which a module itself cannot do."""


@dataclass(frozen=True)
class Options:
    """The module's own options."""

    request_id: str
    smartcard_id: str
    card_id: str
    atr: str | None


class Result(Returned):
    """The module's result."""

    admin_key: str | None
    admin_key_hex: str | None
    smartcard_id: str


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Return the diversified admin key of the smart card."""
    options = own_options(Options, params)
    request_id, card_id = guid(options.request_id, "request_id"), guid(options.card_id, "card_id")
    smartcard_id = guid(options.smartcard_id, "smartcard_id")
    key = answered_bytes(client.get_diversified_key(request_id, smartcard_id, card_id, options.atr), "admin key")
    return {
        "admin_key": key.base64 if key else None,
        "admin_key_hex": key.hex if key else None,
        "smartcard_id": smartcard_id,
    }


def main() -> None:
    run_module(ARGUMENT_SPEC, run, secret=RETURNS_SECRET)


if __name__ == "__main__":
    main()
